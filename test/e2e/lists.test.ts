/** Lists over sockets: clients that are on them and others, lists that are well, mad and dead, and what is told of it. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { eventually } from "../support/eventually.ts";
import type { Zone } from "../support/zone.ts";
import { SendingSite, BOB } from "./sending-site.ts";

const KEY = "s3cretk3y";
const ZEN = `${KEY}.zen.dq.spamhaus.net`;
const LISTED = { address: "127.0.0.66" };
const LETTER = { from: "sam@foreign.example", to: BOB };

function lists(...tables: readonly string[]): string {
  return `lists=[${tables.map((table) => `{ ${table} }`).join(", ")}]`;
}

const BOTH = lists(
  `preset = "spamhaus-zen", key = "${KEY}", mode = "vote"`,
  'zone = "relays.example", name = "Relays", relays = true, mode = "vote"',
);

async function start(t: TestContext, ...settings: readonly string[]): Promise<SendingSite> {
  const all = ["listed.private_clients=true", ...settings];
  const zones = all.flatMap((text) =>
    [...text.matchAll(/zone = "([^"]+)"/g)].map(([, zone]) => zone ?? ""),
  );
  const plan = {
    settings: () => all,
    zone: (dns: Zone) => [ZEN, ...zones].forEach((zone) => living(dns, zone)),
  };
  const site = await SendingSite.start(t, plan);
  await wellIn(site, all.join().match(/\{ (?:zone|preset) = /g)?.length ?? 0);
  return site;
}

/** RFC 5782 §5: whoever asks a list sees by these whether it lives. */
function living(dns: Zone, zone: string): void {
  dns.a(`2.0.0.127.${zone}`, "127.0.0.2").a(`test.${zone}`, "127.0.0.2");
}

/** Before that a list has no vote. */
async function wellIn({ session }: SendingSite, count: number): Promise<void> {
  await eventually("the lists to be probed", async () => {
    const kept = session.listHealth.all();
    const well = kept.filter(({ json }) => json.includes('"state":"well"'));
    return well.length === count ? well : undefined;
  });
}

function listed(site: SendingSite, zone: string, code = "127.0.0.4"): void {
  site.zone
    .a(`66.0.0.127.${zone}`, code)
    .txt(`66.0.0.127.${zone}`, `see https://lists.example/q?key=${KEY}\r\nip=127.0.0.66`);
}

test("a listed client is refused at RCPT, in words that help; others are not", async (t) => {
  const site = await start(t, BOTH, "listed.confirm_minutes=0");
  listed(site, ZEN);

  await t.test("the refusal says list, reason, where to turn to, and the id", async () => {
    assert.match(
      await site.strangerSends(LETTER, LISTED),
      /^550 5\.7\.1 your address 127\.0\.0\.66 is listed by Spamhaus ZEN \(XBL\); Spamhaus ZEN says: see https:\/\/lists\.example\/q\?key=\(key\) ip=127\.0\.0\.66; if this is wrong, turn to postmaster@local\.example \[[0-9a-z]+\]\r\n$/,
    );
  });

  await t.test("its neighbour's mail arrives", async () => {
    assert.match(await site.strangerSends(LETTER, { address: "127.0.0.67" }), /^250 /);
    await site.arrived(BOB);
  });

  await t.test("it reaches the postmaster, and abuse", async () => {
    for (const to of ["postmaster", "abuse@local.example"])
      assert.match(await site.strangerSends({ ...LETTER, to }, LISTED), /^250 /, to);
  });

  await t.test("whoever logs in is not looked up, wherever he is", async () => {
    const before = site.zone.asked.length;
    assert.match(await site.bobSends({ to: BOB }), /^250 /);
    const asked = site.zone.asked
      .slice(before)
      .filter((name) => /spamhaus|relays\.example/.test(name));
    assert.deepEqual(asked, []);
  });

  await t.test("the journal has what was found, and no key", async () => {
    const told = await eventually("the journal to have it", async () => {
      const said = await site.explain("127.0.0.66");
      return said.includes("550 5.7.1") ? said : undefined;
    });
    assert.doesNotMatch(told, new RegExp(KEY, "i"));
    const records = await site.session.journal.find({ kind: "ip", ip: "127.0.0.66", limit: 10 });
    const facts = records.map(({ json }) => json).join("\n");
    assert.match(facts, /"codes":\["127\.0\.0\.4"\]/);
    assert.doesNotMatch(facts, new RegExp(KEY, "i"));
  });
});

test("one list alone puts off first, two refuse at once", async (t) => {
  const site = await start(t, BOTH);
  listed(site, ZEN);
  assert.match(
    await site.strangerSends(LETTER, LISTED),
    /^451 4\.7\.1 your address 127\.0\.0\.66 is listed by Spamhaus ZEN \(XBL\);.* being confirmed; come again in 15 minutes; /,
  );
  await site.reload("listed.confirm_minutes=1");
  assert.match(
    await site.strangerSends(LETTER, LISTED),
    /^451 4\.7\.1 .* come again in a minute; /,
  );
  const both = { address: "127.0.0.68" };
  site.zone.a(`68.0.0.127.${ZEN}`, "127.0.0.2").a("68.0.0.127.relays.example", "127.0.0.2");
  assert.match(
    await site.strangerSends(LETTER, both),
    /^550 5\.7\.1 your address 127\.0\.0\.68 is listed by Spamhaus ZEN \(SBL\), Relays; /,
  );
});

test("a list that lists everybody, is silent, answers errors or is parked refuses nobody", async (t) => {
  const site = await start(
    t,
    "listed.confirm_minutes=0",
    "listed.question_ms=300",
    "listed.total_ms=500",
    "dns.attempt_ms=100",
    lists(
      'zone = "mad.example", mode = "vote"',
      'zone = "dead.example", mode = "vote"',
      'zone = "refusing.example", mode = "vote"',
      'zone = "parked.example", mode = "vote"',
      'zone = "good.example", mode = "vote"',
    ),
  );
  site.zone
    .wildcard("mad.example", "127.0.0.2")
    .silent("dead.example")
    .wildcard("refusing.example", "127.255.255.254")
    .wildcard("parked.example", "203.0.113.80");
  assert.match(await site.strangerSends(LETTER, { address: "127.0.0.5" }), /^250 /);
  site.zone.a("66.0.0.127.good.example", "127.0.0.2");
  assert.match(
    await site.strangerSends(LETTER, LISTED),
    /^550 5\.7\.1 your address 127\.0\.0\.66 is listed by good\.example; /,
    "and the others are heard",
  );
});

test("a host on the way that is an open relay marks; by default it refuses nobody", async (t) => {
  const site = await start(t, BOTH, "listed.confirm_minutes=0");
  site.zone.a("7.7.7.7.relays.example", "127.0.0.2");
  const content = [
    "Received: from victim.example (victim.example [7.7.7.7]) by mx.foreign.example",
    "From: sam@foreign.example",
    "",
    "text",
  ].join("\r\n");
  assert.match(await site.strangerSends({ ...LETTER, content }), /^250 /);
  assert.match(await site.arrived(BOB), /^X-Gatepost-Mark: listed=5 \(Relays 5\)\r\n/m);
});

test("names: how it greets, whom it sends for, in any alphabet, and who the author is", async (t) => {
  const site = await start(
    t,
    "listed.confirm_minutes=0",
    lists('zone = "names.example", name = "Names", kind = "names", mode = "vote"'),
  );
  for (const name of ["bad.example", "xn--bcher-kva.example"])
    site.zone.a(`${name}.names.example`, "127.0.0.2");
  site.zone.ptr("69.0.0.127.in-addr.arpa", "host.bad.example", "bad.example");
  assert.match(
    await site.strangerSends(LETTER, { helo: "bad.example" }),
    /^550 5\.7\.1 the name you gave, bad\.example is listed by Names; /,
  );
  assert.match(
    await site.strangerSends({ ...LETTER, from: "x@bücher.example", parameters: "SMTPUTF8" }),
    /^550 5\.7\.1 the sender's domain xn--bcher-kva\.example is listed by Names; /,
  );
  assert.match(
    await site.strangerSends(LETTER, { address: "127.0.0.69" }),
    /^550 5\.7\.1 the name of your address, bad\.example is listed by Names; /,
  );
  assert.match(
    await site.strangerSends({ ...LETTER, content: "From: x@bad.example\r\n\r\ntext" }),
    /^550 5\.7\.1 the author's domain bad\.example is listed by Names; /,
  );
  assert.match(await site.strangerSends(LETTER), /^250 /);
});

test("a list that observes is asked, and nothing follows; a reload gives it a vote", async (t) => {
  const site = await start(t, "listed.confirm_minutes=0", lists('zone = "new.example"'));
  site.zone.a("66.0.0.127.new.example", "127.0.0.2");
  assert.match(await site.strangerSends(LETTER, LISTED), /^250 /);
  assert.ok(site.zone.asked.includes("66.0.0.127.new.example A"));
  await site.reload(lists('zone = "new.example", mode = "vote"'));
  assert.match(
    await site.strangerSends(LETTER, LISTED),
    /^550 5\.7\.1 .* listed by new\.example; /,
  );
});
