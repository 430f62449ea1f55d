/** What an operator asks about mail that has come, would come now, or would have come under other settings: by the commands, on a running server. */
import assert from "node:assert/strict";
import { copyFileSync, appendFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { openSqliteStore } from "../../src/store/sqlite/index.ts";
import { run } from "../interop/support/programs.ts";
import { GATEPOST } from "../interop/support/site.ts";
import { handIn, idIn } from "./letter.ts";
import { ANY_PORTS, newSite, portOf, USER, type Site } from "./site.ts";
import { Talk } from "./talk.ts";

const MESSAGE_ID = "<story.1@foreign.example>";
const LETTER = {
  from: "sam@foreign.example",
  to: USER,
  content: `From: <sam@foreign.example>\r\nMessage-ID: ${MESSAGE_ID}\r\n\r\ntext`,
};

/** A site that has got one mail. */
async function withMail(t: TestContext): Promise<{ readonly site: Site; readonly id: string }> {
  const site = await newSite();
  t.after(() => site.remove());
  const server = await site.serve(ANY_PORTS);
  t.after(() => server.stop(0));
  const talk = await Talk.to(portOf(server, "smtp"));
  await talk.reply();
  await talk.ask("EHLO mail.foreign.example");
  const id = idIn(await handIn(talk, LETTER));
  await talk.ask("QUIT");
  return { site, id };
}

/** Another configuration of the same store. */
function another(site: Site, more: string): string {
  const file = join(site.dir, "new.toml");
  copyFileSync(site.file, file);
  appendFileSync(file, more);
  return file;
}

test("a Message-ID leads to its whole story, to the mailbox", async (t) => {
  const { site, id } = await withMail(t);
  const { code, said } = await run(GATEPOST, ["explain", MESSAGE_ID, "--config", site.file]);
  assert.equal(code, 0, said);
  for (const words of [
    / to <ann@local\.example>\n +passed\n +relay +passed +client=loopback recipient=mailbox\n/,
    new RegExp(`message ${id}, \\d+ octets, Message-ID ${MESSAGE_ID}\\n +accepted: 250 2\\.0\\.0 `),
    new RegExp(`\\ndelivery ${id}\\n  <${USER}> in its mailbox here since it was accepted\\n`),
  ])
    assert.match(said, words);
  const asJson = await run(GATEPOST, ["explain", id, "--json", "--config", site.file]);
  const { deliveries, why } = JSON.parse(asJson.stdout.toString()) as Record<string, unknown>;
  assert.deepEqual(
    [deliveries, why],
    [[{ message: id, here: [USER], evidence: [], abroad: [] }], []],
  );
});

test("what would be answered now is said, and nothing of it is remembered", async (t) => {
  const { site } = await withMail(t);
  const config = another(site, "\n[greylist]\nenabled = true\n");
  const asked = [
    "--ip",
    "203.0.113.7",
    "--helo",
    "mx.b.example",
    "--from",
    "x@b.example",
    "--to",
    USER,
  ];
  for (const _ of [1, 2]) {
    const { code, said } = await run(GATEPOST, ["explain", "--live", ...asked, "--config", config]);
    assert.equal(code, 0, said);
    assert.match(
      said,
      /> RCPT TO:<ann@local\.example>\n {2}450 4\.7\.1 greylisted: .* in 5 minutes,/,
    );
    assert.match(said, /setting +greylist\.below = "forward-confirmed", the default; .*new\.toml/);
  }
  const { said } = await run(GATEPOST, ["explain", "203.0.113.7", "--config", site.file]);
  assert.match(said, /the journal knows nothing of 203\.0\.113\.7/);
  const store = await openSqliteStore({ path: join(site.dir, "gatepost.db"), exclusive: false });
  t.after(() => store.close());
  const tried = { network: "203.0.113.0/24", sender: "b.example", recipient: USER };
  assert.equal(store.greylist.firstTried(tried), undefined);
});

test("a question that cannot be asked is answered by what was expected", async () => {
  for (const [words, answer] of [
    [["--live"], /--live needs --ip, --helo, --from and --to/],
    [
      ["--live", "--ip", "1.2.3", "--helo", "x", "--from", "", "--to", USER],
      /--ip 1\.2\.3: expected an address/,
    ],
    [
      ["--live", "--ip", "1.2.3.4", "--helo", "a b", "--from", "", "--to", USER],
      /--helo a b: expected a name/,
    ],
    [
      ["--live", "--ip", "1.2.3.4", "--helo", "x", "--from", "", "--to", "ann"],
      /--to ann: expected an address/,
    ],
    [["--live", USER], /not about ann@local\.example/],
    [[], /explain what\?/],
  ] as const) {
    const { code, said } = await run(GATEPOST, ["explain", ...words]);
    assert.equal(code, 1);
    assert.match(said, answer);
  }
});

test("another configuration is tried on the mail that came", async (t) => {
  const { site, id } = await withMail(t);
  const config = another(site, '\n[admission]\nrequire = "certificate"\n');
  const { code, said } = await run(GATEPOST, ["rehearse", "--config", config]);
  assert.equal(code, 0, said);
  assert.match(said, /\n.*new\.toml on the journal of .*gatepost\.toml, since .* \(1 record\)\n/);
  assert.match(said, /\ndiffers in admission\.require\n/);
  assert.match(
    said,
    / 1 at MAIL: refused instead of taken, by admission, admission\.require = "certificate"\n/,
  );
  assert.match(
    said,
    new RegExp(`\\n +${id.split("-")[0]}  .*127\\.0\\.0\\.1 +<sam@foreign\\.example>\\n`),
  );
  const same = await run(GATEPOST, ["rehearse", "--site", site.file, "--json"]);
  const { decisions } = JSON.parse(same.stdout.toString()) as Record<string, unknown>;
  assert.deepEqual(decisions, { same: 3, changed: 0, unknown: 0, notReached: 0 });
});

test("a new configuration with faults is told them, and nothing is tried", async (t) => {
  const { site } = await withMail(t);
  const config = another(site, '\n[admission]\nrequire = "everything"\n');
  const { code, said } = await run(GATEPOST, ["rehearse", "--config", config]);
  assert.equal(code, 1);
  assert.match(said, /new\.toml cannot be used:\n {2}admission\.require: expected one of "none"/);
});
