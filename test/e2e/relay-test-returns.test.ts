/**
 * What comes back of relay tests to the site's own MX, over sockets: what a test of another process awaits is kept, whoever brings it,
 * and nothing else is taken. Nobody gets it, and nobody is told of it.
 */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { loadConfig } from "../../src/config/index.ts";
import { openSqliteStore } from "../../src/store/sqlite/index.ts";
import type { Store } from "../../src/store/index.ts";
import { eventually } from "../support/eventually.ts";
import { idIn } from "./letter.ts";
import { BOB, SendingSite } from "./sending-site.ts";
import { USER } from "./site.ts";

const DOMAIN = "tests.local.example";
const TOKEN = "t-aaaaaaaaaaaaaaaa";
const OLD = "t-bbbbbbbbbbbbbbbb";
const ELSEWHERE = "t-cccccccccccccccc";
const NOBODY = /^550 5\.1\.1 no such mailbox here \[/;
const DAY_MS = 86_400_000;

const HEADER = `Received: from x by relay.example; Sat, 28 Nov 2026 12:00:00 +0000
From: Gatepost relay test <${TOKEN}.b@${DOMAIN}>
X-Gatepost-Test: ${TOKEN}
`.replaceAll("\n", "\r\n");
const MESSAGE = {
  from: "sam@foreign.example",
  to: `${TOKEN}@${DOMAIN}`,
  content: `${HEADER}\r\nhello`,
};

/** As a command has it that tests, and has ended since. */
async function storeOf({ site, settings }: SendingSite, t: TestContext): Promise<Store> {
  const { storePath } = loadConfig(site.file, settings);
  const store = await openSqliteStore({ path: storePath, exclusive: false });
  t.after(() => store.close());
  return store;
}

async function start(t: TestContext, ...settings: readonly string[]) {
  const site = await SendingSite.start(t, {
    settings: () => [`tester.domain="${DOMAIN}"`, ...settings],
  });
  const store = await storeOf(site, t);
  const { relayTests } = store;
  const now = Date.now();
  const asked = { holder: "process 1", asked: "null", target: "mx.foreign.example", about: "x" };
  await relayTests.begin({ id: "new", at: now, ...asked });
  await relayTests.expect("new", [{ token: TOKEN, at: now, planned: "{}" }]);
  const before = now - 6 * DAY_MS;
  await relayTests.begin({ id: "old", at: before, ...asked });
  await relayTests.expect("old", [{ token: OLD, at: before, planned: "{}" }]);
  return { site, store, returns: () => relayTests.returns("new") };
}

test("what a test awaits comes back, and is nobody's mail", async (t) => {
  const { site, store, returns } = await start(t);

  await t.test("the message: kept with its way, while no command runs", async () => {
    const id = idIn(await site.strangerSends(MESSAGE, { address: "127.0.0.9" }));
    const [returned, ...more] = await returns();
    assert.deepEqual([returned?.token, returned?.kind, more], [TOKEN, "relay", []]);
    assert.deepEqual(JSON.parse(returned?.way ?? ""), {
      from: "127.0.0.9",
      received: ["from x by relay.example; Sat, 28 Nov 2026 12:00:00 +0000"],
    });
    const told = await eventually("the journal to have it", async () => {
      const said = await site.explain(id);
      return said.includes("relay test") ? said : undefined;
    });
    assert.match(told, new RegExp(`to <${TOKEN}@${DOMAIN.replaceAll(".", "\\.")}>`));
    assert.match(told, /relayTest=awaited/);
    assert.match(told, /accepted by relay test: 250 [^]*relayTest=relay/);
    assert.match(told, /kept as evidence of a relay test, in no mailbox/);
  });

  await t.test("a report about it, which goes to where it was sent from", async () => {
    const content = `Auto-Submitted: auto-replied\r\n\r\nTo: <${TOKEN}@${DOMAIN}>`;
    const to = `${TOKEN.toUpperCase()}.B@${DOMAIN}`;
    assert.match(await site.strangerSends({ from: "", to, content }), /^250 /);
    assert.deepEqual(
      (await returns()).map(({ kind }) => kind),
      ["relay", "report"],
    );
  });

  await t.test("beside a mailbox: each gets its own", async () => {
    assert.match(await site.strangerSends({ ...MESSAGE, to: [BOB, MESSAGE.to] }), /^250 /);
    assert.match(await site.arrived(BOB), /X-Gatepost-Test/);
    assert.equal((await returns()).length, 3);
  });

  await t.test(
    "a token of six days ago, one that nobody sent, and everybody else: nobody",
    async () => {
      for (const local of [OLD, `${OLD}.b`, ELSEWHERE, "bob", `${TOKEN}+x`, `${TOKEN}.c`])
        assert.match(
          await site.strangerSends({ ...MESSAGE, to: `${local}@${DOMAIN}` }),
          NOBODY,
          local,
        );
      assert.match(
        await site.strangerSends({ ...MESSAGE, to: `${TOKEN}%foreign.example@${DOMAIN}` }),
        /^550 5\.7\.1 /,
      );
      assert.match(await site.bobSends({ to: `bob@${DOMAIN}` }), NOBODY);
      assert.deepEqual(await store.relayTests.returns("old"), []);
      assert.equal((await returns()).length, 3);
    },
  );

  await t.test("postmaster and abuse of that domain are the site's", async () => {
    for (const role of ["postmaster", "abuse"]) {
      assert.match(await site.strangerSends({ ...MESSAGE, to: `${role}@${DOMAIN}` }), /^250 /);
      await site.arrived(USER);
    }
  });

  await t.test("nothing was queued, and nobody told", async () => {
    assert.deepEqual(await site.queue(), []);
    assert.deepEqual(site.remote.messages, []);
    assert.deepEqual(await site.fetch(USER), []);
  });

  await t.test("no alias can lead there, and no domain have that name", async () => {
    const { administration } = site.session;
    assert.match(
      JSON.stringify(await administration.aliases.set("x@local.example", [MESSAGE.to], "add")),
      /nobody can have mail in tests\.local\.example/,
    );
    assert.match(
      JSON.stringify(await administration.domains.add(DOMAIN)),
      /where relay tests come back to \(setting tester\.domain\)/,
    );
  });
});

const STRICT = [
  "listed.private_clients=true",
  "listed.confirm_minutes=0",
  'lists=[{ zone = "relays.example", name = "Relays", relays = true, mode = "vote", weight = 10 }]',
  "greylist.enabled=true",
  'authentication={ private_clients = true, spf = "refuse", dmarc = "honour", dkim = "refuse", dns_failure = "defer" }',
];

const KEPT_OUT: readonly (readonly [what: string, settings: readonly string[], said: RegExp])[] = [
  ["lists, greylisting and authentication", STRICT, /^550 5\.7\.1 .* listed by Relays/],
  ["a bar at MAIL", [...STRICT, 'admission.require="certificate"'], /^530 5\.7\.0 /],
];

for (const [what, settings, said] of KEPT_OUT)
  test(`evidence comes from an open relay with a forged sender, and past ${what}`, async (t) => {
    const { site, returns } = await start(t, ...settings);
    site.zone
      .a("2.0.0.127.relays.example", "127.0.0.2")
      .a("66.0.0.127.relays.example", "127.0.0.2")
      .txt("foreign.example", "v=spf1 -all")
      .txt("_dmarc.foreign.example", "v=DMARC1; p=reject");
    const content = MESSAGE.content.replace(/From: .*\r\n/, "From: <sam@foreign.example>\r\n");
    const relay = { address: "127.0.0.66" };
    await eventually("what keeps strangers out to be at work", async () => {
      const reply = await site.strangerSends({ ...MESSAGE, content, to: BOB }, relay);
      return said.test(reply) ? true : undefined;
    });
    for (let times = 1; times <= 3; times++)
      assert.match(await site.strangerSends({ ...MESSAGE, content }, relay), /^250 /);
    assert.equal((await returns()).length, 3);
  });

test("evidence of a message that DMARC refuses for a mailbox is kept all the same", async (t) => {
  const { site, returns } = await start(t, "authentication.private_clients=true");
  site.zone
    .txt("foreign.example", "v=spf1 -all")
    .txt("_dmarc.foreign.example", "v=DMARC1; p=reject");
  const content = `From: <sam@foreign.example>\r\nX-Gatepost-Test: ${TOKEN}\r\n\r\n`;
  const refused = await site.strangerSends({ ...MESSAGE, content, to: [BOB, MESSAGE.to] });
  assert.match(refused, /^550 5\.7\.\d+ /);
  assert.deepEqual(await site.fetch(BOB), []);
  assert.equal((await returns()).length, 1);
  assert.match(await site.strangerSends({ ...MESSAGE, content }), /^250 /);
});

test("without the setting there is no such domain", async (t) => {
  const site = await SendingSite.start(t, {});
  assert.match(await site.strangerSends(MESSAGE), /^550 5\.7\.1 relaying denied/);
});
