/** mpop, a POP3 client that pipelines, keeps track of messages by UIDL and deletes what it has. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { assertArrived } from "./support/arrival.ts";
import { takeMessages } from "./support/mailbox.ts";
import { KIB, makeMessage, MIB, networkLines, subjectOf } from "./support/messages.ts";
import { run, type Run } from "./support/programs.ts";
import { send } from "./support/sender.ts";
import { PASSWORD, startSite, temporaryDirectory, USER, type Site } from "./support/site.ts";

describe("mpop", () => {
  let site: Site;
  before(async () => {
    site = await startSite();
  });
  after(() => site.stop());

  const WAYS: readonly [string, (site: Site) => string[]][] = [
    ["in clear text", ({ ports }) => [`port ${ports.pop3}`, "tls off"]],
    ["after STLS", ({ ports }) => [`port ${ports.pop3}`, "tls on", "tls_starttls on"]],
    ["by POP3S", ({ ports }) => [`port ${ports.pop3s}`, "tls on", "tls_starttls off"]],
  ];
  for (const [title, lines] of WAYS) {
    test(`fetches and deletes ${title}`, async () => {
      const sent = [KIB, 64 * KIB, 5 * MIB].map((bytes) =>
        makeMessage(`mpop ${title} ${bytes}`, { bytes, content: "utf-8" }),
      );
      for (const message of sent) await send(site, message);
      const home = makeHome([...lines(site), "keep off"]);
      await fetchWell(home);
      assertFetched(home, sent);
      assert.deepEqual(await takeMessages(site), []);
    });
  }

  test("fetches nothing twice while it keeps messages (UIDL)", async () => {
    const sent = [1, 2, 3].map((n) => makeMessage(`mpop keep ${n}`, { bytes: KIB }));
    for (const message of sent) await send(site, message);
    const home = makeHome([`port ${site.ports.pop3}`, "tls off", "keep on"]);
    await fetchWell(home);
    await fetchWell(home);
    assertFetched(home, sent);
    assert.equal((await takeMessages(site)).length, 3);
  });

  for (const [title, lines] of WAYS) {
    test(`logs in by SCRAM-SHA-256 ${title}`, async () => {
      const message = makeMessage(`mpop SCRAM ${title}`, { bytes: KIB });
      await send(site, message);
      const home = makeHome([...lines(site), "keep off"], { auth: "scram-sha-256" });
      await fetchWell(home);
      assertFetched(home, [message]);
    });
  }

  test("is refused a wrong password by SCRAM-SHA-256", async () => {
    const login = { auth: "scram-sha-256", password: "wrong" };
    const refused = await fetch(makeHome([`port ${site.ports.pop3}`, "tls off"], login));
    assert.match(refused.said, /authentication failed \(method SCRAM-SHA-256\)/);
  });

  test("logs in with an app password, until that is taken back", async () => {
    const add = ["mailbox", "app-password", "add", USER, "--name", "mpop", "--protocol", "pop3"];
    const added = await site.gatepost(...add);
    const password = /[a-z0-9-]{34}(?=\n$)/.exec(added.said)?.[0] ?? assert.fail(added.said);
    const home = makeHome([`port ${site.ports.pop3}`, "tls off"], { auth: "plain", password });
    await fetchWell(home);
    const removed = await site.gatepost(
      "mailbox",
      "app-password",
      "remove",
      USER,
      "--name",
      "mpop",
    );
    assert.equal(removed.code, 0, removed.said);
    const refused = await fetch(home);
    assert.match(refused.said, /authentication failed \(method PLAIN\)/);
  });
});

/** A home directory with mpop's configuration and a Maildir; `received_header off` leaves messages unchanged. */
function makeHome(
  lines: readonly string[],
  { auth = "user", password = PASSWORD }: { auth?: string; password?: string } = {},
): string {
  const home = temporaryDirectory();
  for (const folder of ["tmp", "new", "cur"])
    mkdirSync(join(home, "mail", folder), { recursive: true });
  const login = [`user ${USER}`, `password "${password}"`, `auth ${auth}`];
  const account = ["account test", "host 127.0.0.1", ...login, ...lines, "tls_certcheck off"];
  const target = [
    `delivery maildir ${home}/mail`,
    `uidls_file ${home}/uidls`,
    "received_header off",
  ];
  writeFileSync(join(home, ".mpoprc"), [...account, ...target, ""].join("\n"));
  chmodSync(join(home, ".mpoprc"), 0o600);
  return home;
}

function fetch(home: string): Promise<Run> {
  return run("mpop", [`--file=${home}/.mpoprc`, "test"], { env: { HOME: home } });
}

async function fetchWell(home: string): Promise<Run> {
  const fetched = await fetch(home);
  assert.equal(fetched.code, 0, fetched.said);
  return fetched;
}

/** mpop writes Unix line ends. A Maildir has no order, so the messages are told apart by their subject. */
function assertFetched(home: string, sent: readonly Buffer[]): void {
  const folder = join(home, "mail", "new");
  const fetched = readdirSync(folder).map((file) => readFileSync(join(folder, file)));
  assert.equal(fetched.length, sent.length);
  for (const message of sent) {
    const found = fetched.find((one) => subjectOf(one) === subjectOf(message));
    assert.ok(found !== undefined, `${subjectOf(message)} was not fetched`);
    assertArrived(networkLines(found), message);
  }
}
