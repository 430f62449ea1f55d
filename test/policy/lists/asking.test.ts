/** How lists are asked: shared, remembered, in bounded time, with a witness; and when a hit of one list alone is confirmed. */
import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { test } from "node:test";
import type { Domain, Ip } from "../../../src/mail/index.ts";
import {
  Asking,
  FirstHits,
  Inquiry,
  type DnsList,
  type InquirySettings,
  type List,
  type ListEvent,
  type ListFacts,
  type ListStanding,
  type ListSubject,
  type LocalLists,
  type RawAnswer,
  type Timer,
} from "../../../src/policy/lists/index.ts";
import { AnswerCache } from "../../../src/policy/lists/answer-cache.ts";
import {
  parseName,
  ScriptedResolver,
  type DnsName,
  type RecordType,
  type Resolution,
} from "../../../src/protocol/dns/index.ts";
import { ManualClock } from "../../../src/runtime/index.ts";
import { address, domain, ip, listsOf, named, zoneList } from "./lists.ts";

/** The resolver of tests, with questions that nobody answers until a test says so. */
class SlowResolver extends ScriptedResolver {
  readonly #held = new Map<string, () => void>();
  readonly #silent = new Set<string>();

  /** "name TYPE" is not answered until `speak`. */
  silence(...questions: readonly string[]): void {
    for (const question of questions) this.#silent.add(question);
  }

  speak(question: string): void {
    this.#silent.delete(question);
    this.#held.get(question)?.();
  }

  override async resolve<Type extends RecordType>(
    at: DnsName,
    type: Type,
  ): Promise<Resolution<Type>> {
    const question = `${at} ${type}`;
    const answered = super.resolve(at, type);
    if (!this.#silent.has(question)) return answered;
    await new Promise<void>((resolve) => this.#held.set(question, resolve));
    return super.resolve(at, type);
  }
}

class Bench {
  readonly clock = new ManualClock();
  readonly dns = new SlowResolver();
  readonly events: ListEvent[] = [];
  readonly standings = new Map<string, ListStanding>();
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>();
  readonly asking: Asking;
  readonly firstHits = new FirstHits();
  #chance = 0;

  readonly timer: Timer = {
    after: (ms, run) => {
      const timer = { at: this.clock.elapsed() + ms, run };
      this.#timers.add(timer);
      return () => void this.#timers.delete(timer);
    },
  };

  readonly watch = {
    stateOf: (list: string) => this.standings.get(list) ?? ({ state: "well", since: 0 } as const),
    isUsualSince: () => true,
    happened: (_list: string, event: ListEvent) => void this.events.push(event),
  };

  constructor() {
    const { clock, dns: resolver, timer, watch } = this;
    const random = { octets: (count: number) => new Uint8Array(count).fill(++this.#chance) };
    this.asking = new Asking({ resolver, clock, random, timer, watch });
  }

  /** Timers that wait; a question that is over leaves none. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Lets everything happen that waits for nothing, then so many milliseconds pass. */
  async pass(ms: number): Promise<void> {
    for (let i = 0; i < 20; i++) await turn();
    this.clock.advance(ms);
    for (const timer of this.#timers)
      if (timer.at <= this.clock.elapsed()) {
        this.#timers.delete(timer);
        timer.run();
      }
    for (let i = 0; i < 20; i++) await turn();
  }

  ask(list: DnsList, subject: ListSubject) {
    return this.asking.ask({ list, as: "client", subject, limitMs: 3000 });
  }

  inquiry(lists: readonly List[], more: Partial<InquirySettings & { files: LocalLists }> = {}) {
    const { asking, firstHits, watch, clock, timer } = this;
    const { files = { find: () => ({ kind: "clear" }) }, ...settings } = more;
    return new Inquiry(
      { lists, questionMs: 3000, totalMs: 5000, ...settings },
      { asking, files, firstHits, watch, clock, timer, namesOf: (client) => this.namesOf(client) },
    );
  }

  namesOf: (client: Ip) => Promise<readonly Domain[]> = () => Promise.resolve([]);

  questions(type: string): readonly string[] {
    return this.dns.asked.filter((asked) => asked.endsWith(` ${type}`));
  }
}

const LIST = zoneList();
const BAD = address("192.0.2.66");
const BAD_NAME = name("66.2.0.192.bl.example");

function name(text: string): DnsName {
  return parseName(text) ?? assert.fail(text);
}

function listing(bench: Bench, at: DnsName = BAD_NAME, ttl?: number): void {
  bench.dns.has(at, "A", [ip("127.0.0.2")], ttl === undefined ? {} : { ttl });
  bench.dns.has(at, "TXT", [Buffer.from("sends spam")]);
}

// ---- One question ----

test("a question goes out once, whoever asks, and its answer is remembered", async () => {
  const bench = new Bench();
  const [first, second] = [0, 1].map(() => bench.ask(LIST, address("192.0.2.1")));
  assert.deepEqual([await first, await second], [{ kind: "clear" }, { kind: "clear" }]);
  assert.deepEqual(bench.ask(LIST, address("192.0.2.1")), { kind: "clear" }, "at once");
  assert.deepEqual(bench.dns.asked, ["1.2.0.192.bl.example A"]);
  assert.equal(bench.timers, 0);
  assert.deepEqual(
    bench.events.map(({ kind }) => kind),
    ["answer"],
  );
});

test("a list of names is not asked about an address", () => {
  const bench = new Bench();
  assert.equal(bench.ask(zoneList({ kind: "names" }), BAD), undefined);
  assert.deepEqual(bench.dns.asked, []);
});

test("a hit has a witness: the list is asked about somebody whom nobody can have listed", async () => {
  const bench = new Bench();
  listing(bench);
  assert.deepEqual(await bench.ask(LIST, BAD), {
    kind: "codes",
    codes: ["127.0.0.2"],
    text: "sends spam",
  });
  const [, canary] = bench.questions("A");
  assert.match(canary ?? "", /^\d+\.\d+\.\d+\.24\d\.bl\.example A$/);
  assert.deepEqual(
    bench.events.map((event) => [event.kind, "answer" in event && event.answer.kind]),
    [
      ["answer", "listed"],
      ["witness", "clear"],
    ],
  );
  assert.deepEqual(bench.questions("TXT"), [`${BAD_NAME} TXT`]);
  await bench.ask(LIST, BAD);
  assert.equal(bench.questions("A").length, 2, "it is remembered with its witness");
});

test("the witness of a name is a name, and of an IPv6 address an IPv6 address", async () => {
  const bench = new Bench();
  const names = zoneList({ kind: "names", zone: "n.example" });
  listing(bench, name("spam.example.n.example"));
  await bench.ask(names, named("spam.example"));
  assert.match(bench.questions("A")[1] ?? "", /^c[0-9a-f]{24}\.invalid\.n\.example A$/);
  const v6 = address("2001:db8::66");
  listing(bench, name(`6.6.${"0.".repeat(22)}8.b.d.0.1.0.0.2.bl.example`));
  await bench.ask(LIST, v6);
  assert.match(bench.questions("A")[3] ?? "", /\.8\.b\.d\.0\.1\.0\.0\.2\.bl\.example A$/);
});

test("whoever lists what nobody can have listed is not heard", async () => {
  const bench = new Bench();
  const everything = {
    resolve: (_: DnsName, type: RecordType) =>
      Promise.resolve(type === "A" ? found("127.0.0.2") : { kind: "failed", why: "servfail" }),
  };
  const { clock, timer, watch } = bench;
  const random = { octets: (count: number) => new Uint8Array(count) };
  const asking = new Asking({ resolver: everything as never, clock, random, timer, watch }); // it answers everything alike
  const question = { list: LIST, as: "client", subject: BAD, limitMs: 3000 } as const;
  assert.deepEqual(await asking.ask(question), { kind: "failed", why: "void" });
  const last = bench.events.at(-1);
  assert.ok(last?.kind === "witness" && last.answer.kind === "listed");
});

for (const [title, trouble] of [
  ["fails", (bench: Bench) => bench.dns.fails(canaryName(1), "A", "servfail")],
  ["is silent", (bench: Bench) => bench.dns.silence(`${canaryName(1)} A`)],
  [
    "is nothing that a list says",
    (bench: Bench) => bench.dns.has(canaryName(1), "A", [ip("192.0.2.80")]),
  ],
] as const)
  test(`a hit whose witness ${title} is not heard`, async () => {
    const bench = new Bench();
    listing(bench);
    trouble(bench);
    const answer = bench.ask(LIST, BAD);
    await bench.pass(3000);
    assert.deepEqual(await answer, { kind: "failed", why: "unwitnessed" });
  });

test("a list that is silent costs so much time and no more, and is left alone for a while", async () => {
  const bench = new Bench();
  bench.dns.silence(`${BAD_NAME} A`);
  const answer = bench.ask(LIST, BAD);
  await bench.pass(2999);
  assert.equal(bench.events.length, 0);
  await bench.pass(1);
  assert.deepEqual(await answer, { kind: "failed", why: "timeout" });
  assert.deepEqual(
    bench.events.map((event) => event.kind === "answer" && [event.answer, event.ms]),
    [[{ kind: "error", why: "timeout" }, 3000]],
  );
  bench.dns.speak(`${BAD_NAME} A`);
  listing(bench);
  assert.deepEqual(bench.ask(LIST, BAD), { kind: "failed", why: "timeout" });
  await bench.pass(30_000);
  assert.equal((await bench.ask(LIST, BAD))?.kind, "codes");
});

test("a reason that does not come is done without", async () => {
  const bench = new Bench();
  bench.dns.has(BAD_NAME, "A", [ip("127.0.0.2")]);
  bench.dns.silence(`${BAD_NAME} TXT`);
  const answer = bench.ask(LIST, BAD);
  await bench.pass(3000);
  assert.deepEqual(await answer, { kind: "codes", codes: ["127.0.0.2"] });
});

test("what a list said before its present health began counts no more", async () => {
  const bench = new Bench();
  listing(bench);
  await bench.ask(LIST, BAD);
  bench.clock.advance(1000);
  bench.standings.set(LIST.name, { state: "well", since: bench.clock.now() });
  await bench.ask(LIST, BAD);
  assert.equal(bench.questions("A").length, 4);
});

test("an answer that became a hit by new settings is asked again, with a witness", async () => {
  const bench = new Bench();
  bench.dns.has(BAD_NAME, "A", [ip("127.0.0.9")]);
  await bench.ask(LIST, BAD); // an unknown code
  assert.equal(bench.questions("A").length, 1);
  const knowing = zoneList({ answers: { "127.0.0.9": { meaning: "new" } } });
  assert.deepEqual(await bench.ask(knowing, BAD), { kind: "codes", codes: ["127.0.0.9"] });
  assert.equal(bench.questions("A").length, 3);
});

// ---- Memory ----

const TIMES: readonly (readonly ["listed" | "clear" | "error", ttl: number, seconds: number])[] = [
  ["listed", 0, 60],
  ["listed", 600, 600],
  ["listed", 86_400, 3600],
  ["clear", 5, 60],
  ["clear", 300, 300],
  ["clear", 86_400, 900],
  ["error", 0, 30],
  ["error", 3600, 30],
];

for (const [kind, ttl, seconds] of TIMES)
  test(`${kind} with a TTL of ${ttl} s is believed for ${seconds} s`, () => {
    const clock = new ManualClock();
    const cache = new AnswerCache(clock);
    cache.set("q", { kind: "clear" }, { kind, ttl, witnessed: false });
    clock.advance(seconds * 1000 - 1);
    assert.ok(cache.get("q", 0) !== undefined);
    clock.advance(1);
    assert.equal(cache.get("q", 0), undefined);
  });

test("the memory is bounded, and forgets what is oldest", () => {
  const cache = new AnswerCache(new ManualClock());
  const put = (i: number) =>
    cache.set(`q${i}`, { kind: "clear" }, { kind: "clear", ttl: 300, witnessed: false });
  for (let i = 0; i < 20_001; i++) put(i);
  assert.equal(cache.get("q0", 0), undefined);
  assert.ok(cache.get("q1", 0) !== undefined);
});

// ---- When a hit is confirmed ----

test("a hit is as old as the first one of its network, while the list is well", () => {
  const hits = new FirstHits();
  const neighbour = address("192.0.2.67");
  assert.deepEqual(hits.hit("A", BAD, 1000, 0), { at: 1000, others: 0 });
  assert.deepEqual(hits.hit("A", neighbour, 5000, 0), { at: 1000, others: 0 });
  assert.deepEqual(hits.hit("B", BAD, 5000, 0), { at: 5000, others: 0 }, "another list");
  assert.deepEqual(hits.hit("A", BAD, 6000, 5500), { at: 6000, others: 0 }, "it was sick since");
  assert.deepEqual(hits.hit("A", BAD, 500, 0), { at: 500, others: 0 }, "the clock was set back");
});

test("others count once, from the first hit on, and not the one itself", () => {
  const hits = new FirstHits();
  hits.answered("A", address("198.51.100.1"), 900);
  hits.hit("A", BAD, 1000, 0);
  for (const other of ["203.0.113.1", "203.0.113.2", "8.8.8.8", "192.0.2.67"])
    hits.answered("A", address(other), 1100);
  hits.answered("B", address("9.9.9.9"), 1100);
  assert.deepEqual(hits.hit("A", BAD, 2000, 0), { at: 1000, others: 2 });
});

// ---- All of it ----

const TWO = listsOf(
  { zone: "a.example", name: "A", mode: "vote" },
  { zone: "b.example", name: "B" },
);
const CLIENT = { client: ip("192.0.2.66") };

test("all lists are asked at once, those that observe too", async () => {
  const bench = new Bench();
  listing(bench, name("66.2.0.192.b.example"));
  const said = await bench.inquiry(TWO).about(CLIENT);
  assert.deepEqual(said.about, { client: ["192.0.2.66"], helo: [], sender: [] });
  assert.deepEqual(said.clear, ["client A"]);
  assert.deepEqual(said.answers, [
    {
      list: "B",
      as: "client",
      subject: "192.0.2.66",
      codes: ["127.0.0.2"],
      text: "sends spam",
      sinceMinutes: 0,
      others: 0,
    },
  ]);
  assert.ok(!(bench.inquiry(TWO).about(CLIENT) instanceof Promise), "known, it is said at once");
});

test("each list is asked what suits it", async () => {
  const bench = new Bench();
  bench.namesOf = () => Promise.resolve([domain("ptr.example")]);
  const lists = listsOf(
    { zone: "a.example", name: "A" },
    { zone: "r.example", name: "R", relays: true },
    { zone: "n.example", name: "N", kind: "names" },
    { zone: "h.example", name: "H", kind: "names", ask: ["helo"] },
  );
  const said = await bench.inquiry(lists).about({
    ...CLIENT,
    helo: domain("helo.example"),
    sender: domain("from.example"),
    authors: [domain("author.example")],
    hops: [ip("198.51.100.7")],
  });
  assert.deepEqual(bench.dns.asked.toSorted(), [
    "66.2.0.192.a.example A",
    "66.2.0.192.r.example A",
    "7.100.51.198.r.example A",
    "author.example.n.example A",
    "from.example.n.example A",
    "helo.example.h.example A",
    "helo.example.n.example A",
    "ptr.example.n.example A",
  ]);
  assert.deepEqual(said.about, {
    client: ["192.0.2.66"],
    helo: ["helo.example"],
    sender: ["from.example"],
    author: ["author.example"],
    hop: ["198.51.100.7"],
    reverse: ["ptr.example"],
  });
  assert.deepEqual(said.answers, []);
});

test("what has not answered in all the time there is has said nothing; what has, counts", async () => {
  const bench = new Bench();
  listing(bench, name("66.2.0.192.a.example"));
  bench.dns.silence("66.2.0.192.b.example A");
  let said: ListFacts | undefined;
  const asked = Promise.resolve(bench.inquiry(TWO, { questionMs: 60_000 }).about(CLIENT));
  void asked.then((facts) => (said = facts));
  await bench.pass(4999);
  assert.equal(said, undefined);
  await bench.pass(1);
  const { answers } = await asked;
  assert.deepEqual(
    answers.map(({ list, codes, error }) => [list, codes ?? error]),
    [
      ["A", ["127.0.0.2"]],
      ["B", "timeout"],
    ],
  );
});

test("a name of the address that does not come is done without, in the same time", async () => {
  const bench = new Bench();
  bench.namesOf = () => new Promise(() => {}); // never
  const lists = listsOf({ zone: "n.example", name: "N", kind: "names" });
  const asked = Promise.resolve(
    bench.inquiry(lists).about({ ...CLIENT, helo: domain("h.example") }),
  );
  await bench.pass(5000);
  assert.deepEqual((await asked).clear, ["helo N"]);
  assert.equal(bench.timers, 0);
});

test("a sick list is not asked; one on trial is, and both are told of", async () => {
  const bench = new Bench();
  bench.standings.set("A", { state: "sick", since: 0 });
  bench.standings.set("B", { state: "trial", since: 0 });
  listing(bench, name("66.2.0.192.b.example"));
  const { answers } = await bench.inquiry(TWO).about(CLIENT);
  assert.deepEqual(
    answers.map(({ list, codes, health }) => [list, codes, health]),
    [
      ["A", undefined, "sick"],
      ["B", ["127.0.0.2"], "trial"],
    ],
  );
  assert.ok(bench.dns.asked.every((question) => question.includes(".b.example ")));
});

test("a file is looked into, and nobody is asked", () => {
  const bench = new Bench();
  const asked: string[] = [];
  const find = ({ file }: { readonly file: string }): RawAnswer => {
    asked.push(file);
    return { kind: "codes", codes: ["127.0.0.2"], text: "own" };
  };
  const said = bench.inquiry(listsOf({ file: "own.txt" }), { files: { find } }).about(CLIENT);
  assert.ok(!(said instanceof Promise));
  assert.deepEqual(said.answers[0]?.text, "own");
  assert.deepEqual([asked, bench.dns.asked], [["own.txt"], []]);
});

test("a hit says how old it is, and how many others the list has been asked about", async () => {
  const bench = new Bench();
  const lists = listsOf({ zone: "a.example", name: "A", mode: "vote" });
  listing(bench, name("66.2.0.192.a.example"), 3600);
  const inquiry = bench.inquiry(lists);
  await inquiry.about(CLIENT);
  for (let i = 1; i <= 3; i++) {
    bench.clock.advance(5 * 60_000);
    await inquiry.about({ client: ip(`8.8.${i}.8`) });
  }
  const { answers } = await inquiry.about(CLIENT);
  assert.deepEqual([answers[0]?.sinceMinutes, answers[0]?.others], [15, 3]);
});

function canaryName(octet: number): DnsName {
  return name(`${octet}.${octet}.${octet}.24${octet}.bl.example`);
}

function found(code: string): Resolution<"A"> {
  return { kind: "found", name: BAD_NAME, records: [ip(code)], ttl: 60, authentic: false };
}

test("whoever watches a list is told by which client's network a name was brought, that of its address too", async () => {
  const bench = new Bench();
  bench.namesOf = () => Promise.resolve([domain("ptr.example")]);
  const names = listsOf({ zone: "n.example", kind: "names" });
  await bench.inquiry(names).about({ ...CLIENT, authors: [domain("a.example")] });
  await bench.inquiry(names).about({ sender: domain("s.example") });
  const told = bench.events.map((event) => event.kind === "answer" && [event.as, event.by]);
  assert.deepEqual(told, [
    ["author", "192.0.2.0/24"],
    ["reverse", "192.0.2.0/24"],
    ["sender", undefined],
  ]);
});
