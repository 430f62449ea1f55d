/** Who watches the lists: probes in time and number, what survives a restart and a reload, what the log and the store are told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { listsSchema } from "../../../src/policy/lists/settings.ts";
import { Asking, type List } from "../../../src/policy/lists/index.ts";
import { silentLog, type Fields, type Log } from "../../../src/runtime/index.ts";
import { ListWatching, START_MS } from "../../../src/service/lists/index.ts";
import { Dice } from "../../fuzz/dice.ts";
import { client, MINUTE_MS } from "../../policy/lists/health-world.ts";
import { MemoryHealths } from "./replay.ts";
import { ScriptedDns, ScriptedTime, type ZoneScript } from "./scripted-dns.ts";
import { alive, everything, LISTED, successive } from "./zones.ts";

const IN_ORDER = alive(() => false);
const ONE = { zone: "one.example", name: "One" };

class Watch {
  readonly time: ScriptedTime;
  readonly dns: ScriptedDns;
  readonly kept: MemoryHealths;
  readonly watching: ListWatching;
  readonly told: [string, Fields][] = [];
  readonly asking: Asking;

  constructor(
    zones: Readonly<Record<string, ZoneScript>>,
    { time = new ScriptedTime(), kept = new MemoryHealths() } = {},
  ) {
    const dice = new Dice(7);
    const tell = (event: string, fields: Fields = {}): void => void this.told.push([event, fields]);
    const log: Log = { ...silentLog, info: tell, warn: tell, error: tell };
    this.time = time;
    this.kept = kept;
    this.dns = new ScriptedDns(time, zones);
    const { clock, timer } = time;
    const random = {
      octets: (count: number) => Uint8Array.from({ length: count }, () => dice.below(256)),
    };
    const machine = { resolver: this.dns, clock, timer, random };
    this.watching = new ListWatching({ ...machine, store: kept, log, questionMs: () => 3000 });
    this.asking = new Asking({ ...machine, watch: this.watching });
  }

  state(name: string): string {
    return this.watching.stateOf(name).state;
  }

  asked(zone: string): number {
    return this.dns.asked.get(zone)?.length ?? 0;
  }
}

function lists(...tables: readonly object[]): readonly List[] {
  return listsSchema.parse(tables);
}

test("each list is probed in the first moments, and then every half hour, a little earlier", async () => {
  const site = new Watch({ "one.example": IN_ORDER });
  site.watching.watch(lists(ONE));
  assert.equal(site.state("One"), "unproven");
  await site.time.pass(START_MS + 100);
  assert.equal(site.state("One"), "well");
  assert.equal(site.asked("one.example"), 5);
  await site.time.pass(26 * MINUTE_MS);
  assert.equal(site.asked("one.example"), 5);
  await site.time.pass(4 * MINUTE_MS);
  assert.equal(site.asked("one.example"), 10);
  await site.time.pass(24 * 60 * MINUTE_MS);
  const probes = site.asked("one.example") / 5;
  assert.ok(probes >= 48 && probes <= 56, `${probes} probes in a day`);
});

test("many lists are probed a few at once", async () => {
  const names = Array.from({ length: 20 }, (_, i) => `l${i}.example`);
  let [open, most] = [0, 0];
  const time = new ScriptedTime();
  const counted: ZoneScript = (prefix, at) => {
    if (prefix !== "2.0.0.127") return IN_ORDER(prefix, at);
    most = Math.max(most, ++open);
    time.timer.after(2000, () => void open--);
    return { ...IN_ORDER(prefix, at), ms: 2000 };
  };
  const site = new Watch(Object.fromEntries(names.map((name) => [name, counted])), { time });
  site.watching.watch(lists(...names.map((zone) => ({ zone }))));
  await time.pass(MINUTE_MS);
  assert.ok(names.every((name) => site.state(name) === "well"));
  assert.equal(most, 4);
});

test("a file is the operator's own word, and what nobody watches has no vote", () => {
  const site = new Watch({});
  site.watching.watch(lists({ file: "own.txt", name: "Own" }));
  assert.equal(site.state("Own"), "well");
  assert.equal(site.watching.isUsualSince("Own", 0), true);
  assert.equal(site.state("Nobody"), "unproven");
  assert.equal(site.watching.isUsualSince("Nobody", 0), false);
});

test("health survives a restart: a sick list stays sick, a well one is well at once", async () => {
  const zones = {
    "one.example": everything(LISTED),
    "two.example": IN_ORDER,
  };
  const before = new Watch(zones);
  const both = lists(ONE, { zone: "two.example", name: "Two" });
  before.watching.watch(both);
  await before.time.pass(MINUTE_MS);
  await before.watching.stop();
  const { time, kept } = before;
  await time.pass(10 * MINUTE_MS);
  const after = new Watch(zones, { time, kept });
  after.watching.watch(both);
  assert.equal(after.state("One"), "sick");
  assert.equal(after.watching.stateOf("One").since, before.watching.stateOf("One").since);
  assert.equal(after.state("Two"), "well");
  await time.pass(5 * MINUTE_MS);
  assert.equal(after.asked("two.example"), 0, "its next probe is when it was due");
});

test("whoever only wants to know has health as it was kept, and changes nothing", async () => {
  const before = new Watch({ "one.example": everything(LISTED) });
  before.watching.watch(lists(ONE));
  await before.time.pass(MINUTE_MS);
  const { time, kept } = before;
  const rows = kept.all();
  const other = new Watch({ "one.example": IN_ORDER }, { time, kept });
  other.watching.recall(lists(ONE));
  assert.equal(other.state("One"), "sick");
  other.watching.happened("One", {
    kind: "good client hit",
    at: time.clock.now(),
    client: client(1),
    level: "pinned",
  });
  await other.watching.stop();
  assert.deepEqual(kept.all(), rows);
  assert.equal(other.asked("one.example"), 0);
});

test("a list that has not been watched for hours is probed before it votes", async () => {
  const before = new Watch({ "one.example": IN_ORDER });
  before.watching.watch(lists(ONE));
  await before.time.pass(MINUTE_MS);
  await before.watching.stop();
  const { time, kept } = before;
  await time.pass(5 * 60 * MINUTE_MS);
  const after = new Watch({ "one.example": everything(LISTED) }, { time, kept });
  after.watching.watch(lists(ONE));
  assert.equal(after.state("One"), "unproven");
  await time.pass(START_MS + 100);
  assert.equal(after.state("One"), "sick");
});

test("a reload keeps what is known of a zone; under the same name another zone begins anew, and a list that is gone is forgotten", async () => {
  const site = new Watch({ "one.example": everything(LISTED), "two.example": IN_ORDER });
  site.watching.watch(lists(ONE));
  await site.time.pass(MINUTE_MS);
  site.watching.watch(lists({ ...ONE, weight: 3 }));
  assert.equal(site.state("One"), "sick");
  site.watching.watch(lists({ ...ONE, zone: "two.example" }));
  assert.equal(site.state("One"), "unproven");
  await site.time.pass(MINUTE_MS);
  assert.equal(site.state("One"), "well");
  site.watching.watch([]);
  await site.time.pass(60 * MINUTE_MS);
  assert.deepEqual(site.kept.all(), []);
  assert.ok(site.asked("two.example") <= 10, "nobody probes it");
});

test("what a list said before it was sick is asked again", async () => {
  const moment = Date.UTC(2026, 0, 1) + 10 * MINUTE_MS;
  const site = new Watch({
    "one.example": successive(
      [0, alive(() => true)],
      [moment, everything({ codes: ["127.255.255.254"] })],
      [moment + MINUTE_MS, IN_ORDER],
    ),
  });
  const [list] = lists(ONE);
  assert.ok(list?.source === "zone");
  site.watching.watch([list]);
  await site.time.pass(9 * MINUTE_MS);
  const ask = async (number: number): Promise<unknown> => {
    const subject = { kind: "address", ip: client(number) } as const;
    const raw = site.asking.ask({ list, as: "client", subject, limitMs: 3000 });
    await site.time.pass(1000);
    return raw;
  };
  assert.deepEqual(await ask(1).then(kindOf), "codes");
  await site.time.pass(MINUTE_MS);
  await ask(2);
  assert.equal(site.state("One"), "sick");
  await site.time.pass(6 * MINUTE_MS);
  assert.equal(site.state("One"), "trial");
  assert.deepEqual(await ask(1).then(kindOf), "clear");
});

function kindOf(raw: unknown): unknown {
  return typeof raw === "object" && raw !== null && "kind" in raw ? raw.kind : raw;
}

test("a hit has a list probed that was not so lately, once", async () => {
  const site = new Watch({ "one.example": alive((ip) => ip.startsWith("20.")) });
  const [list] = lists(ONE);
  assert.ok(list?.source === "zone");
  site.watching.watch([list]);
  await site.time.pass(20 * MINUTE_MS);
  const before = site.asked("one.example");
  for (let i = 0; i < 3; i++)
    void site.asking.ask({
      list,
      as: "client",
      subject: { kind: "address", ip: client(i) },
      limitMs: 3000,
    });
  await site.time.pass(START_MS + 100);
  assert.equal(site.asked("one.example") - before, 3 + 3 + 5, "hits, their witnesses, one probe");
});

test("the log is told when a list loses its vote, why, and what to do; nobody is told its key", async () => {
  const [zone, key] = ["secretkey.zen.dq.spamhaus.net", "secretkey"];
  const site = new Watch({
    [zone]: successive([0, IN_ORDER], [Date.UTC(2026, 0, 1) + MINUTE_MS, everything(LISTED)]),
  });
  site.watching.watch(lists({ preset: "spamhaus-zen", key, name: "ZEN" }));
  await site.time.pass(40 * MINUTE_MS);
  const [, sick] = site.told;
  assert.equal(sick?.[0], "list sick");
  assert.match(String(sick?.[1]["why"]), /nobody can have listed/);
  assert.match(String(sick?.[1]["todo"]), /gatepost lists amnesty "ZEN"/);
  assert.ok(!JSON.stringify([site.told, site.kept.all()]).includes(key));
});

test("a store that cannot be written is told, and health goes on without", async () => {
  const kept = new MemoryHealths();
  kept.keep = () => Promise.reject(new Error("disk full"));
  const site = new Watch({ "one.example": IN_ORDER }, { kept });
  site.watching.watch(lists(ONE));
  await site.time.pass(MINUTE_MS);
  assert.equal(site.state("One"), "well");
  assert.ok(site.told.some(([event]) => event === "list health not kept"));
});

test("hits that another list shares are told to both, each time only by lists that are well", async () => {
  const all = alive(() => true);
  const site = new Watch({
    "one.example": all,
    "two.example": all,
    "mad.example": everything(LISTED),
  });
  const three = lists(
    ONE,
    { zone: "two.example", name: "Two" },
    { zone: "mad.example", name: "Mad" },
  );
  site.watching.watch(three);
  await site.time.pass(MINUTE_MS);
  for (const list of three) {
    assert.ok(list.source === "zone");
    void site.asking.ask({
      list,
      as: "client",
      subject: { kind: "address", ip: client(1) },
      limitMs: 3000,
    });
  }
  await site.time.pass(1000);
  const others = (name: string): unknown => {
    const health = site.watching.stateOf(name);
    return "hits" in health ? health.hits.recent.map((one) => one.others) : undefined;
  };
  assert.deepEqual(others("One"), ["listed"]);
  assert.deepEqual(others("Two"), ["listed"]);
});
