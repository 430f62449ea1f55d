/** The resolver: its deadline, retries, cache and sharing, on a scripted carrier and a clock that is told the time. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Carrier, Trouble } from "../../src/net/dns-carrier.ts";
import { NetResolver } from "../../src/net/index.ts";
import type { NameServer } from "../../src/net/name-server.ts";
import { dnsSchema } from "../../src/net/settings.ts";
import { parseName, type DnsName, type Question } from "../../src/protocol/dns/index.ts";
import { ManualClock, systemRandom } from "../../src/runtime/index.ts";
import {
  answerTo,
  FLAGS,
  name2wire,
  opt,
  RCODES,
  record,
  soa,
  type Message,
} from "../protocol/dns/message.ts";
import { arrivedFrom } from "./dns-server.ts";

/** What a server does with a question: nothing, for so long as it may; not be there; say this. */
type Deed = "silence" | "nobody" | "strays" | Partial<Message>;

const EXAMPLE = name("example.org");
const FOUND: Partial<Message> = {
  answers: [record("example.org", "A", [192, 0, 2, 7], { ttl: 60 })],
};
const FAILS = (rcode: number): Partial<Message> => ({ flags: FLAGS.answer | rcode });

function name(text: string): DnsName {
  const parsed = parseName(text);
  assert.ok(parsed !== undefined, text);
  return parsed;
}

class ScriptedCarrier implements Carrier {
  /** "1 udp edns 1500": server, manner, milliseconds it was given. */
  readonly log: string[] = [];
  readonly questions: Question[] = [];
  readonly #clock: ManualClock;
  readonly #deed: (question: Question, server: string) => Deed;

  constructor(clock: ManualClock, deed: (question: Question, server: string) => Deed) {
    this.#clock = clock;
    this.#deed = deed;
  }

  async datagram<Answer extends object>(
    server: NameServer,
    octets: Uint8Array,
    limitMs: number,
    take: (message: Uint8Array) => Answer | undefined,
  ): Promise<Answer | Trouble> {
    const said = await this.#said(server, octets, limitMs, "udp");
    return typeof said === "string" ? said : (take(said) ?? "timeout");
  }

  stream(server: NameServer, octets: Uint8Array, limitMs: number): Promise<Uint8Array | Trouble> {
    return this.#said(server, octets, limitMs, "tcp");
  }

  close(): void {}

  async #said(
    server: NameServer,
    octets: Uint8Array,
    limitMs: number,
    transport: "udp" | "tcp",
  ): Promise<Uint8Array | Trouble> {
    const question = arrivedFrom(octets, 0, transport);
    const number = server.host.slice(-1);
    this.log.push(`${number} ${transport} ${question.manner.edns ? "edns" : "plain"} ${limitMs}`);
    this.questions.push(question);
    const deed = this.#deed(question, number);
    await Promise.resolve(); // whoever asks next does so while this one is open
    if (deed === "nobody") return "unreachable";
    if (deed === "strays") return "strays";
    if (deed === "silence") {
      this.#clock.advance(limitMs);
      return "timeout";
    }
    return answerTo(question, deed);
  }
}

function bench(deed: (question: Question, server: string) => Deed, settings: object = {}) {
  const clock = new ManualClock();
  const carrier = new ScriptedCarrier(clock, deed);
  const servers = [1, 2].map((n) => ({ host: `192.0.2.${n}`, port: 53 }));
  const machine = { clock, random: systemRandom, carrier };
  const resolver = new NetResolver(
    servers,
    dnsSchema.parse({ servers: ["192.0.2.1"], ...settings }),
    machine,
  );
  return { clock, carrier, resolver, log: carrier.log };
}

/** Each server has one list of deeds, the last of them for ever. */
function deeds(lists: Readonly<Record<string, readonly Deed[]>>) {
  const at = new Map<string, number>();
  return (_: Question, server: string): Deed => {
    const list = lists[server] ?? [];
    const n = at.get(server) ?? 0;
    at.set(server, n + 1);
    return list[Math.min(n, list.length - 1)] ?? "silence";
  };
}

describe("servers", () => {
  test("the first is asked, and only it, when it answers", async () => {
    const { resolver, log } = bench(deeds({ 1: [FOUND] }));
    const found = {
      kind: "found",
      name: "example.org",
      records: ["192.0.2.7"],
      ttl: 60,
      authentic: false,
    };
    assert.deepEqual(await resolver.resolve(EXAMPLE, "A"), found);
    assert.deepEqual(log, ["1 udp edns 1500"]);
  });

  test("are asked in turn while they are silent, until the deadline", async () => {
    const { resolver, log, clock } = bench(() => "silence");
    assert.deepEqual(await resolver.resolve(EXAMPLE, "A"), { kind: "failed", why: "timeout" });
    assert.deepEqual(log, [
      "1 udp edns 1500",
      "2 udp edns 1500",
      "1 udp edns 1500",
      "2 udp edns 500",
    ]);
    assert.equal(clock.elapsed(), 5000);
  });

  test("are asked three times each at most", async () => {
    const { resolver, log } = bench(() => "silence", { attempt_ms: 10 });
    await resolver.resolve(EXAMPLE, "A");
    assert.deepEqual(
      log.map((line) => line[0]),
      ["1", "2", "1", "2", "1", "2"],
    );
  });

  test("that were silent are not asked first the next time", async () => {
    const { resolver, log } = bench(deeds({ 1: ["silence", FOUND], 2: [FOUND] }));
    await resolver.resolve(EXAMPLE, "A");
    await resolver.resolve(name("b.example"), "A");
    assert.deepEqual(
      log.map((line) => line[0]),
      ["1", "2", "2"],
    );
  });

  test("that cannot answer are not asked again", async () => {
    const { resolver, log } = bench(deeds({ 1: [FAILS(RCODES.servfail)], 2: ["silence", FOUND] }));
    assert.equal((await resolver.resolve(EXAMPLE, "A")).kind, "found");
    assert.deepEqual(
      log.map((line) => line[0]),
      ["1", "2", "2"],
    );
  });

  const REASONS: readonly (readonly [string, Deed, Deed])[] = [
    ["refused", FAILS(RCODES.refused), "silence"],
    ["refused", "silence", FAILS(RCODES.refused)],
    ["servfail", FAILS(RCODES.refused), FAILS(RCODES.servfail)],
    ["timeout", "nobody", "silence"],
    ["timeout", "silence", "nobody"],
    ["unreachable", "nobody", "nobody"],
    ["malformed", { answers: [[0]] }, "nobody"],
  ];
  for (const [why, first, second] of REASONS)
    test(`fail as "${why}": ${JSON.stringify(first)}, ${JSON.stringify(second)}`, async () => {
      const { resolver } = bench(deeds({ 1: [first], 2: [second] }));
      assert.deepEqual(await resolver.resolve(EXAMPLE, "A"), { kind: "failed", why });
    });
});

describe("the manner", () => {
  test("is TCP for what is cut, in another case, or under guesses", async () => {
    const cut = { flags: FLAGS.answer | FLAGS.truncated };
    for (const first of [cut, "strays"] as const) {
      const { resolver, log } = bench(deeds({ 1: [first, FOUND] }));
      assert.equal((await resolver.resolve(EXAMPLE, "A")).kind, "found");
      assert.deepEqual(log, ["1 udp edns 1500", "1 tcp edns 1500"]);
    }
  });

  test("is plain for a server that does not know EDNS", async () => {
    const { resolver, log } = bench(deeds({ 1: [FAILS(RCODES.formatError), FOUND] }));
    assert.equal((await resolver.resolve(EXAMPLE, "A")).kind, "found");
    assert.deepEqual(log, ["1 udp edns 1500", "1 udp plain 1500"]);
  });

  test("changes twice at most", async () => {
    const plain = { additionals: [opt(1)] };
    const cut = { flags: FLAGS.answer | FLAGS.truncated };
    const { resolver, log } = bench(deeds({ 1: [cut, plain, cut], 2: [plain, cut, plain] }));
    assert.equal((await resolver.resolve(EXAMPLE, "A")).kind, "failed");
    const manners = [
      "1 udp edns",
      "1 tcp edns",
      "1 tcp plain",
      "2 udp edns",
      "2 udp plain",
      "2 tcp plain",
    ];
    assert.deepEqual(
      log.map((line) => line.replace(/ \d+$/, "")),
      manners,
    );
  });

  test("a stray over TCP is nobody's guess, but no answer either", async () => {
    const { resolver } = bench(
      deeds({ 1: ["strays", { flags: FLAGS.query }], 2: [FAILS(RCODES.refused)] }),
      { servers: ["192.0.2.1"] },
    );
    assert.deepEqual(await resolver.resolve(EXAMPLE, "A"), { kind: "failed", why: "refused" });
  });

  test("each message has an id and a case of its own", async () => {
    const { resolver, carrier } = bench(() => "silence");
    const long = name(`${"abcdefghij".repeat(6)}.example`);
    await resolver.resolve(long, "A");
    assert.equal(carrier.questions.length, 4);
    assert.equal(new Set(carrier.questions.map(({ spelling }) => spelling)).size, 4);
    assert.ok(new Set(carrier.questions.map(({ id }) => id)).size > 1);
  });
});

describe("aliases", () => {
  const alias = (from: string, to: string, ttl = 300): Partial<Message> => ({
    answers: [record(from, "CNAME", name2wire(to), { ttl })],
  });

  test("that a server does not follow are followed, for the shortest of their times", async () => {
    for (const [first, second] of [
      [90, 200],
      [200, 90],
    ] as const) {
      const there = { answers: [record("b.example", "A", [192, 0, 2, 9], { ttl: second })] };
      const script = (question: Question): Deed =>
        question.name === EXAMPLE ? alias("example.org", "b.example", first) : there;
      const { resolver, carrier } = bench(script);
      const found = {
        kind: "found",
        name: "b.example",
        records: ["192.0.2.9"],
        ttl: 90,
        authentic: false,
      };
      assert.deepEqual(await resolver.resolve(EXAMPLE, "A"), found);
      const names = carrier.questions.map((question) => question.name);
      assert.deepEqual(names, ["example.org", "b.example"]);
    }
  });

  test("are authentic when every step is", async () => {
    for (const [first, second] of [
      [true, true],
      [true, false],
      [false, true],
    ] as const) {
      const flags = (authentic: boolean): number =>
        FLAGS.answer | (authentic ? FLAGS.authentic : 0);
      const there = { flags: flags(second), answers: [record("b.example", "A", [192, 0, 2, 9])] };
      const script = (question: Question): Deed =>
        question.name === EXAMPLE
          ? { ...alias("example.org", "b.example"), flags: flags(first) }
          : there;
      const { resolver } = bench(script, { trust_ad: true });
      const found = await resolver.resolve(EXAMPLE, "A");
      assert.ok(found.kind === "found");
      assert.equal(found.authentic, first && second);
    }
  });

  test("have one deadline together", async () => {
    const script = (question: Question, server: string): Deed =>
      server === "1" ? "silence" : alias(question.name, `x${question.name}`);
    const { resolver, clock } = bench(script, { attempt_ms: 1000 });
    assert.equal((await resolver.resolve(EXAMPLE, "A")).kind, "failed");
    assert.ok(clock.elapsed() <= 5000);
  });

  test("are followed eight times", async () => {
    const script = (question: Question): Deed => alias(question.name, `x${question.name}`);
    const { resolver, carrier } = bench(script);
    assert.deepEqual(await resolver.resolve(EXAMPLE, "A"), { kind: "failed", why: "alias-loop" });
    assert.equal(carrier.questions.length, 9);
  });
});

describe("what is known", () => {
  test("is not asked again, until its time is over", async () => {
    const { resolver, clock, log } = bench(() => FOUND);
    await resolver.resolve(EXAMPLE, "A");
    clock.advance(59_000);
    const again = await resolver.resolve(EXAMPLE, "A");
    assert.ok(again.kind === "found");
    assert.equal(again.ttl, 1);
    assert.equal(log.length, 1);
    clock.advance(1000);
    await resolver.resolve(EXAMPLE, "A");
    assert.equal(log.length, 2);
  });

  test("of one type or name says nothing of another", async () => {
    const { resolver, log } = bench(() => FOUND);
    await resolver.resolve(EXAMPLE, "A");
    assert.equal((await resolver.resolve(EXAMPLE, "MX")).kind, "no-data");
    await resolver.resolve(name("www.example.org"), "A");
    assert.equal(log.length, 3);
  });

  test("to be absent is known for as long as the zone says", async () => {
    const end = [record("org", "SOA", soa("ns.example", "m.example", 20))];
    const { resolver, clock, log } = bench(() => ({
      flags: FLAGS.answer | RCODES.noSuchName,
      authorities: end,
    }));
    const absent = { kind: "no-such-name", ttl: 20, authentic: false };
    assert.deepEqual(await resolver.resolve(EXAMPLE, "A"), absent);
    clock.advance(19_999);
    assert.equal((await resolver.resolve(EXAMPLE, "A")).kind, "no-such-name");
    assert.equal(log.length, 1);
    clock.advance(1);
    await resolver.resolve(EXAMPLE, "A");
    assert.equal(log.length, 2);
  });

  test("to have failed is known for a moment", async () => {
    const { resolver, clock, log } = bench(
      deeds({ 1: [FAILS(RCODES.servfail)], 2: [FAILS(RCODES.servfail)] }),
    );
    await resolver.resolve(EXAMPLE, "A");
    await resolver.resolve(EXAMPLE, "A");
    assert.equal(log.length, 2);
    clock.advance(5000);
    await resolver.resolve(EXAMPLE, "A");
    assert.equal(log.length, 4);
  });
});

describe("open questions", () => {
  test("are shared", async () => {
    const { resolver, log } = bench(() => FOUND);
    const both = [resolver.resolve(EXAMPLE, "A"), resolver.resolve(EXAMPLE, "A")];
    const [first, second] = await Promise.all(both);
    assert.equal(first, second);
    assert.equal(log.length, 1);
  });

  test("are so many at most", async () => {
    const { resolver } = bench(() => FOUND, { questions: 2 });
    const names = ["a.example", "b.example", "c.example"].map(name);
    const kinds = (await Promise.all(names.map((one) => resolver.resolve(one, "A")))).map((r) =>
      r.kind === "failed" ? r.why : r.kind,
    );
    assert.deepEqual(kinds, ["no-data", "no-data", "overloaded"]);
    assert.equal((await resolver.resolve(name("c.example"), "A")).kind, "no-data");
  });

  test("end when the resolver is closed, and none is asked after", async () => {
    const { resolver, log } = bench(() => FOUND);
    const open = resolver.resolve(EXAMPLE, "A");
    resolver.close();
    const closed = { kind: "failed", why: "closed" };
    assert.deepEqual(await open, closed);
    assert.deepEqual(await resolver.resolve(EXAMPLE, "MX"), closed);
    assert.equal(log.length, 1);
  });

  test("nor is anything told from memory", async () => {
    const { resolver } = bench(() => FOUND);
    assert.equal((await resolver.resolve(EXAMPLE, "A")).kind, "found");
    resolver.close();
    assert.deepEqual(await resolver.resolve(EXAMPLE, "A"), { kind: "failed", why: "closed" });
  });
});

test("AD is asked for and believed where the configuration says so", async () => {
  for (const trust_ad of [true, false]) {
    const { resolver, carrier } = bench(
      () => ({ ...FOUND, flags: FLAGS.answer | FLAGS.authentic }),
      { trust_ad },
    );
    const found = await resolver.resolve(EXAMPLE, "A");
    assert.ok(found.kind === "found");
    assert.equal(found.authentic, trust_ad);
    assert.equal(carrier.questions[0]?.trusted, trust_ad);
  }
});
