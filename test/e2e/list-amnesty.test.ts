/** A list goes mad under a running server: its vote is gone with the first hit, and whom it had kept out is found, and told to those who wait for him. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { keptHealth, listsHealth, lookUpInLists, mailAmnesty } from "../../src/app/index.ts";
import { loadConfig } from "../../src/config/index.ts";
import { keptOut, lookupSubject } from "../../src/operate/lists/index.ts";
import { eventually } from "../support/eventually.ts";
import { BOB, SendingSite } from "./sending-site.ts";

const DIR = mkdtempSync(join(tmpdir(), "gatepost-lists-"));
const FILE = join(DIR, "own.txt");
writeFileSync(FILE, "127.0.0.66\n");
after(() => rmSync(DIR, { recursive: true }));

const SETTINGS = [
  "listed.private_clients=true",
  "listed.confirm_minutes=0",
  `lists=[{ zone = "good.example", name = "Good", mode = "vote" }, { file = "${FILE}", name = "Own" }]`,
];

const LETTER = { from: "sam@foreign.example", to: BOB };
const VICTIM = { address: "127.0.0.66" };

test("a list that goes mad is found out, and its victims are too", async (t) => {
  const site = await SendingSite.start(t, {
    settings: () => SETTINGS,
    zone: (dns) =>
      dns.a("2.0.0.127.good.example", "127.0.0.2").a("66.0.0.127.good.example", "127.0.0.2"),
  });
  const { session } = site;
  const { config } = loadConfig(site.site.file, SETTINGS);
  const [list] = config.lists;
  assert.ok(list !== undefined);
  const state = () => listsHealth(config, session).map((one) => `${one.list} ${one.state}`);
  await eventually("the list to be well", async () =>
    state().includes("Good well") ? true : undefined,
  );

  await t.test("before, it refuses", async () => {
    assert.match(await site.strangerSends(LETTER, VICTIM), /^550 5\.7\.1 /);
    const other = { ...LETTER, to: "ann@local.example" };
    assert.match(await site.strangerSends(other, VICTIM), /^550 5\.7\.1 /);
    assert.match(await site.strangerSends(LETTER, VICTIM), /^550 5\.7\.1 /);
  });

  await t.test("the first hit of its madness is void, and its last", async () => {
    site.zone.wildcard("good.example", "127.0.0.2");
    assert.match(await site.strangerSends(LETTER, { address: "127.0.0.67" }), /^250 /);
    await eventually("the list to be sick", async () =>
      state().includes("Good sick") ? true : undefined,
    );
    const asked = site.zone.asked.length;
    assert.match(await site.strangerSends(LETTER, { address: "127.0.0.68" }), /^250 /);
    const later = site.zone.asked.slice(asked).filter((name) => name.includes("68.0.0.127.good"));
    assert.deepEqual(later, [], "it is asked no more");
    assert.match(await site.strangerSends(LETTER, VICTIM), /^250 /, "nor believed about before");
  });

  const window = keptHealth(list, session)?.health.windows.at(-1);
  assert.ok(window !== undefined);
  const amnesty = { since: window.from, until: window.until + 1000 };

  await t.test("whom it kept out is found: each recipient, as often as he tried", async () => {
    const all = await eventually("the journal to have them", async () => {
      const found = await keptOut(session.journal, "Good", amnesty);
      return found.length === 2 ? found : undefined;
    });
    assert.deepEqual(
      all.map(({ client, sender, recipient, action, times }) => [
        client,
        sender,
        recipient,
        action,
        times,
      ]),
      [
        ["127.0.0.66", "sam@foreign.example", BOB, "refuse", 2],
        ["127.0.0.66", "sam@foreign.example", "ann@local.example", "refuse", 1],
      ],
    );
    assert.equal(all[0]?.because, "client 127.0.0.66 listed 10");
    assert.deepEqual(await keptOut(session.journal, "Own", amnesty), []);
    const before = { since: 0, until: window.from - 60_000 };
    assert.deepEqual(await keptOut(session.journal, "Good", before), []);
  });

  await t.test(
    "those who wait for him are written to, through the mailbox like all mail",
    async () => {
      await site.fetch(BOB);
      const all = await keptOut(session.journal, "Good", amnesty);
      const mails = await mailAmnesty(config, session, { list: "Good", window: amnesty, all });
      assert.deepEqual(
        mails.map(({ address, senders }) => [address, senders]),
        [
          [BOB, 1],
          ["ann@local.example", 1],
        ],
      );
      const mail = await site.arrived(BOB);
      assert.match(mail, /^Subject: Mail to you that Good has kept out\r$/m);
      assert.match(mail, /refused, 2 times {2}sam@foreign\.example {2}to bob@local\.example\r\n/);
      assert.doesNotMatch(mail, /to ann@local/);
    },
  );

  await t.test("lookup asks it all the same, and says what it thinks of it", async () => {
    const subject = lookupSubject("127.0.0.66");
    assert.ok(subject !== undefined);
    const asked = loadConfig(site.site.file, site.settings);
    const [good, own] = await lookUpInLists(asked, subject, ({ name }) => `health of ${name}`);
    assert.equal(good?.answer, "no answer");
    assert.match(good.text ?? "", /it lists whatever it is asked about/);
    assert.equal(good.health, "health of Good");
    assert.equal(own?.list, "Own");
    assert.equal(own.answer, "listed");
  });

  await t.test("over a restart it stays sick", async () => {
    await site.stop();
    await site.serve();
    assert.match(await site.strangerSends(LETTER, VICTIM), /^250 /);
    assert.ok(state().includes("Good sick"));
  });
});
