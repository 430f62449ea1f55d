/** What an answer means: records and their values, aliases, denials, results; and which messages are no answer. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  CHANCE_OCTETS,
  makeQuestion,
  parseName,
  questionOctets,
  readAnswer,
  type DnsName,
  type Manner,
  type Question,
  type Reading,
  type RecordType,
} from "../../../src/protocol/dns/index.ts";
import {
  answerTo,
  asking,
  FLAGS,
  labels,
  mx,
  name2wire,
  opt,
  pointer,
  RCODES,
  record,
  soa,
  srv,
  txt,
  uint16,
  written,
  type Octets,
} from "./message.ts";

const UDP: Manner = { transport: "udp", edns: true };
const PLAIN: Manner = { transport: "udp", edns: false };
const TCP: Manner = { transport: "tcp", edns: true };

function name(text: string): DnsName {
  const parsed = parseName(text);
  assert.ok(parsed !== undefined, text);
  return parsed;
}

/** Id 0x5a5a, every other letter a capital. */
function question(text: string, type: RecordType, manner = UDP, trusted = false): Question {
  const chance = new Uint8Array(CHANCE_OCTETS).fill(0x5a);
  return makeQuestion({ name: name(text), type }, chance, manner, trusted);
}

/** What the records mean for a question of "example.org". */
function reading<Type extends RecordType>(
  type: Type,
  answers: readonly Octets[],
  authorities: readonly Octets[] = [],
  flags: number = FLAGS.answer,
): Reading<Type> {
  const asked = question("example.org", type);
  return readAnswer(answerTo(asked, { answers, authorities, flags }), asked, type);
}

/** The values of records of this type that hold the data. */
function values(type: RecordType, ...data: Octets[]): unknown {
  const read = reading(
    type,
    data.map((d) => record("example.org", type, d)),
  );
  return read.kind === "found" ? read.records : read;
}

const MALFORMED = { kind: "failed", why: "malformed" };
const STRAY = { kind: "stray" };

describe("a question", () => {
  test("is written with id, recursion, mixed case and the size that is taken", () => {
    const octets = questionOctets(question("example.org", "MX"));
    const spelling = "eXaMPlE.oRg"; // bits 0 1 0 1 1 0 1 0 of 0x5a, lowest first, and again
    const additionals = [record(".", 41, [], { klass: 1232, ttl: 0 })];
    const wanted = { id: 0x5a5a, flags: FLAGS.query, answers: [], authorities: [], additionals };
    assert.deepEqual([...octets], [...written({ ...wanted, questions: [asking(spelling, 15)] })]);
  });

  test("asks for AD where it is believed, and says nothing of EDNS where that is not known", () => {
    const octets = questionOctets(question(".", "NS", PLAIN, true));
    const flags = FLAGS.query | FLAGS.authentic;
    const none = { answers: [], authorities: [], additionals: [] };
    assert.deepEqual(
      [...octets],
      [...written({ id: 0x5a5a, flags, questions: [asking(".", 2)], ...none })],
    );
  });
});

describe("records", () => {
  test("of each type", () => {
    assert.deepEqual(values("A", [192, 0, 2, 7], [192, 0, 2, 8]), ["192.0.2.7", "192.0.2.8"]);
    const v6 = [0x20, 1, 0xd, 0xb8, ...Array<number>(11).fill(0), 1];
    const mapped = [...Array<number>(10).fill(0), 255, 255, 192, 0, 2, 7];
    assert.deepEqual(values("AAAA", v6, mapped), ["2001:db8::1", "192.0.2.7"]);
    assert.deepEqual(values("MX", mx(10, "MX.example.org"), mx(65535, "b.example")), [
      { preference: 10, exchange: "mx.example.org" },
      { preference: 65535, exchange: "b.example" },
    ]);
    assert.deepEqual(values("NS", name2wire("ns.example.org")), ["ns.example.org"]);
    assert.deepEqual(values("PTR", name2wire("host_1.example.org")), ["host_1.example.org"]);
    assert.deepEqual(values("CNAME", name2wire("other.example")), ["other.example"]);
    assert.deepEqual(values("SRV", srv(0, 1, 465, "MX.example.org"), srv(0, 0, 0, ".")), [
      { priority: 0, weight: 1, port: 465, target: "mx.example.org" },
      { priority: 0, weight: 0, port: 0, target: "." },
    ]);
    const certificate = [3, 1, 1, 0xab, 0xcd];
    assert.deepEqual(values("TLSA", certificate), [
      { usage: 3, selector: 1, matchingType: 1, data: Uint8Array.of(0xab, 0xcd) },
    ]);
    const authority = soa("ns.example.org", "hostmaster.example.org", 60);
    assert.deepEqual(values("SOA", authority), [
      { primary: "ns.example.org", serial: 7, minimum: 60 },
    ]);
  });

  test("of text are octets, their strings one after the other", () => {
    const read = values("TXT", txt("v=spf1 ", "", "-all\xff\0"));
    assert.deepEqual(read, [Uint8Array.from(Buffer.from("v=spf1 -all\xff\0", "latin1"))]);
    assert.deepEqual(values("TXT", txt("")), [new Uint8Array()]);
  });

  test("that say that no mail is taken", () => {
    assert.deepEqual(values("MX", mx(0, ".")), [{ preference: 0, exchange: "." }]);
  });

  test("with compressed names", () => {
    const asked = question("example.org", "MX");
    // The question's name stands at 12; "mx" and a pointer to it are data, and so is a pointer to those.
    const first = record(pointer(12), "MX", [...uint16(1), 2, 109, 120, ...pointer(12)]);
    const at = 12 + name2wire("example.org").length + 4 + 2 + 10 + 2;
    const second = record(pointer(12), "MX", [...uint16(2), ...pointer(at)]);
    const read = readAnswer(answerTo(asked, { answers: [first, second] }), asked, "MX");
    assert.ok(read.kind === "found");
    const both = [1, 2].map((preference) => ({ preference, exchange: "mx.example.org" }));
    assert.deepEqual(read.records, both);
  });

  test("of other types, names and classes are nobody's business", () => {
    const read = reading("A", [
      record("example.org", 46, [1, 2, 3]),
      record("evil.example", "A", [192, 0, 2, 66]),
      record("example.org", "A", [192, 0, 2, 66], { klass: 3 }),
      record(labels(["example.org"]), "A", [192, 0, 2, 66]),
      record("EXAMPLE.org", "A", [192, 0, 2, 7]),
    ]);
    assert.ok(read.kind === "found");
    assert.deepEqual(read.records, ["192.0.2.7"]);
  });

  test("live as long as the one that dies first, and not at all with the highest bit set", () => {
    const ttl = (...ttls: number[]): unknown => {
      const read = reading(
        "A",
        ttls.map((t) => record("example.org", "A", [192, 0, 2, 7], { ttl: t })),
      );
      return read.kind === "found" ? read.ttl : read;
    };
    assert.equal(ttl(300, 20, 70), 20);
    assert.equal(ttl(0x7fff_ffff), 0x7fff_ffff);
    assert.equal(ttl(0x8000_0000), 0);
  });

  const BAD: readonly (readonly [string, RecordType, Octets])[] = [
    ["an address too short", "A", [192, 0, 2]],
    ["an address too long", "A", [192, 0, 2, 7, 0]],
    ["an IPv6 address of four octets", "AAAA", [192, 0, 2, 7]],
    ["no data", "MX", []],
    ["no exchange", "MX", [0, 10]],
    ["an octet behind the exchange", "MX", [...mx(10, "a.example"), 0]],
    ["a service without a target", "SRV", [0, 0, 0, 1, 1, 209]],
    ["an octet behind the target", "SRV", [...srv(0, 1, 465, "a.example"), 0]],
    ["a blank in a target's label", "SRV", [0, 0, 0, 1, 1, 209, ...labels(["mx example", "org"])]],
    ["a dot inside a label", "MX", [0, 10, ...labels(["evil.example", "org"])]],
    ["a dot inside a label of a PTR", "PTR", labels(["mx.example", "org"])],
    ["a newline inside a label", "PTR", labels(["mx\nexample", "org"])],
    ["a blank inside a label", "PTR", labels(["mx example", "org"])],
    ["a backslash inside a label", "NS", labels(["mx\\", "org"])],
    ["an octet above ASCII", "CNAME", labels(["b\xfccher", "org"])],
    ["a name that runs out of the message", "PTR", [63, 97]],
    ["a label of an unknown kind", "PTR", [0x41, 97, 0]],
    ["text of no string", "TXT", []],
    ["a string that is longer than the text", "TXT", [5, 97, 98]],
    ["no certificate", "TLSA", [3, 1, 1]],
    ["a SOA record that is cut", "SOA", soa("a.example", "b.example", 1).slice(0, -1)],
  ];
  for (const [what, type, data] of BAD)
    test(`${what}: the answer has failed`, () => {
      const good = { A: [1, 2, 3, 4], MX: mx(1, "good.example"), PTR: name2wire("good.example") };
      assert.deepEqual(values(type, data), MALFORMED);
      const before = Object.entries(good).find(([t]) => t === type)?.[1];
      if (before !== undefined) assert.deepEqual(values(type, before, data), MALFORMED);
    });

  test("a mailbox with a dot in it does not spoil a SOA record", () => {
    const authority = soa("ns.example.org", labels(["jo.doe", "example", "org"]), 60);
    assert.deepEqual(values("SOA", authority), [
      { primary: "ns.example.org", serial: 7, minimum: 60 },
    ]);
  });
});

describe("aliases", () => {
  const alias = (from: string, to: string, ttl = 300): Octets =>
    record(from, "CNAME", name2wire(to), { ttl });

  test("lead to records, in whatever order they stand", () => {
    const read = reading("A", [
      record("c.example", "A", [192, 0, 2, 7], { ttl: 200 }),
      alias("b.example", "C.example", 100),
      alias("Example.org", "b.example", 150),
    ]);
    const found = {
      kind: "found",
      name: "c.example",
      records: ["192.0.2.7"],
      ttl: 100,
      authentic: false,
    };
    assert.deepEqual(read, found);
  });

  test("lead to nothing that this message tells", () => {
    const read = reading("MX", [
      alias("example.org", "b.example", 100),
      alias("b.example", "c.example"),
    ]);
    assert.deepEqual(read, { kind: "alias", target: "c.example", ttl: 100, authentic: false });
  });

  test("lead to a denial", () => {
    const end = [record("example", "SOA", soa("ns.example", "m.example", 60))];
    const to = [alias("example.org", "b.example", 100)];
    assert.deepEqual(reading("MX", to, end), { kind: "no-data", ttl: 60, authentic: false });
    const flags = FLAGS.answer | RCODES.noSuchName;
    assert.deepEqual(reading("MX", to, end, flags), {
      kind: "no-such-name",
      ttl: 60,
      authentic: false,
    });
  });

  test("are the answer where they are asked for", () => {
    const read = reading("CNAME", [
      alias("example.org", "b.example"),
      alias("b.example", "c.example"),
    ]);
    assert.ok(read.kind === "found");
    assert.deepEqual(read.records, ["b.example"]);
  });

  test("that go round, or on for too long", () => {
    const loop = { kind: "failed", why: "alias-loop" };
    const round = [alias("example.org", "b.example"), alias("b.example", "example.org")];
    assert.deepEqual(reading("A", round), loop);
    const chain = (length: number): Octets[] => [
      alias("example.org", "n1.example"),
      ...Array.from({ length: length - 1 }, (_, n) =>
        alias(`n${n + 1}.example`, `n${n + 2}.example`),
      ),
      record(`n${length}.example`, "A", [192, 0, 2, 7]),
    ];
    assert.equal(reading("A", chain(8)).kind, "found");
    assert.deepEqual(reading("A", chain(9)), loop);
  });

  test("of one name to two", () => {
    const b = alias("example.org", "b.example");
    assert.deepEqual(reading("A", [b, alias("example.org", "c.example")]), MALFORMED);
    assert.equal(reading("A", [b, b]).kind, "alias");
  });

  test("to what is no name", () => {
    const bad = record("example.org", "CNAME", labels(["a.b", "example"]));
    assert.deepEqual(reading("A", [bad]), MALFORMED);
  });
});

describe("denials", () => {
  const end = (owner: string, ttl: number, minimum: number): Octets =>
    record(owner, "SOA", soa("ns.example.org", "m.example.org", minimum), { ttl });
  const noSuchName = FLAGS.answer | RCODES.noSuchName;

  test("are believed for the less of the SOA record's two times", () => {
    const ttl = (...zone: readonly [string, number, number]): unknown => {
      const read = reading("A", [], [end(...zone)], noSuchName);
      return read.kind === "no-such-name" ? read.ttl : read;
    };
    assert.equal(ttl("example.org", 3600, 60), 60);
    assert.equal(ttl("org", 30, 60), 30);
    assert.equal(ttl(".", 0x8000_0000, 60), 0);
    assert.equal(ttl("other.org", 3600, 60), 0, "a zone that the name is not in");
  });

  test("without a SOA record are believed, and not kept", () => {
    assert.deepEqual(reading("A", []), { kind: "no-data", ttl: 0, authentic: false });
    assert.deepEqual(reading("A", [], [], noSuchName), {
      kind: "no-such-name",
      ttl: 0,
      authentic: false,
    });
  });

  test("a referral is none", () => {
    const other = record("example.org", "NS", name2wire("ns.example.org"));
    assert.deepEqual(reading("A", [], [other]), { kind: "failed", why: "servfail" });
    assert.equal(reading("A", [], [end("example.org", 60, 60), other]).kind, "no-data");
  });

  test("with records of the name contradict themselves", () => {
    const there = [record("example.org", "A", [192, 0, 2, 7])];
    assert.deepEqual(reading("A", there, [], noSuchName), MALFORMED);
  });
});

test("AD is believed only from whoever is trusted", () => {
  const flags = FLAGS.answer | FLAGS.authentic;
  const answers = [record("example.org", "A", [192, 0, 2, 7])];
  for (const [trusted, says, is] of [
    [true, flags, true],
    [false, flags, false],
    [true, FLAGS.answer, false],
  ] as const) {
    const asked = question("example.org", "A", UDP, trusted);
    const found = readAnswer(answerTo(asked, { flags: says, answers }), asked, "A");
    assert.ok(found.kind === "found");
    assert.equal(found.authentic, is);
    const none = readAnswer(answerTo(asked, { flags: says }), asked, "A");
    assert.ok(none.kind === "no-data");
    assert.equal(none.authentic, is);
  }
});

describe("results", () => {
  const result = (rcode: number, manner = PLAIN, extended = 0): unknown => {
    const asked = question("example.org", "A", manner);
    const additionals = [opt(extended)];
    return readAnswer(answerTo(asked, { flags: FLAGS.answer | rcode, additionals }), asked, "A");
  };
  const servfail = { kind: "failed", why: "servfail" };

  test("are failures of different kinds", () => {
    assert.deepEqual(result(RCODES.servfail), servfail);
    assert.deepEqual(result(RCODES.refused), { kind: "failed", why: "refused" });
    for (const rcode of [1, 4, 6, 9, 15]) assert.deepEqual(result(rcode), servfail);
  });

  test("of a server that does not know EDNS ask for a plain question", () => {
    const plain = { kind: "instead", by: "plain" };
    assert.deepEqual(result(RCODES.formatError, UDP), plain);
    assert.deepEqual(result(RCODES.notImplemented, UDP), plain);
    assert.deepEqual(result(0, UDP, 1), plain, "BADVERS");
    assert.deepEqual(
      result(3, UDP, 1),
      servfail,
      "the lower bits alone would say that there is no such name",
    );
    const asked = question("example.org", "A");
    const bare = answerTo(asked, { flags: FLAGS.answer | RCODES.formatError, questions: [] });
    assert.deepEqual(readAnswer(bare, asked, "A"), plain);
  });
});

describe("a message that is no answer to this question", () => {
  const asked = question("example.org", "A");
  const answers = [record("example.org", "A", [192, 0, 2, 7])];
  const { spelling } = asked;
  const read = (more: Parameters<typeof answerTo>[1]): Reading<"A"> =>
    readAnswer(answerTo(asked, { answers, ...more }), asked, "A");

  test("is a stray", () => {
    assert.equal(read({}).kind, "found");
    assert.deepEqual(read({ id: 0x5a5b }), STRAY);
    assert.deepEqual(read({ flags: FLAGS.query }), STRAY, "a question");
    assert.deepEqual(read({ flags: FLAGS.answer | 0x2800 }), STRAY, "another operation");
    assert.deepEqual(read({ questions: [] }), STRAY);
    assert.deepEqual(read({ questions: [asking(spelling, 1), asking(spelling, 1)] }), STRAY);
    assert.deepEqual(read({ questions: [asking(spelling, 28)] }), STRAY);
    assert.deepEqual(read({ questions: [asking(spelling, 1, 3)] }), STRAY);
    assert.deepEqual(read({ questions: [asking("eXaMPlE.oRgg", 1)] }), STRAY);
    const joined = [...labels([spelling]), ...uint16(1), ...uint16(1)];
    assert.deepEqual(read({ questions: [joined] }), STRAY, "one label that looks like two");
    assert.deepEqual(readAnswer(answerTo(asked).subarray(0, 11), asked, "A"), STRAY);
    assert.deepEqual(readAnswer(answerTo(asked).subarray(0, 20), asked, "A"), STRAY);
    assert.deepEqual(readAnswer(new Uint8Array(), asked, "A"), STRAY);
  });

  test("in another case is asked for over TCP, where nobody guesses", () => {
    const questions = [asking("example.org", 1)];
    assert.deepEqual(read({ questions }), { kind: "instead", by: "tcp" });
    const again = question("example.org", "A", TCP);
    assert.equal(readAnswer(answerTo(again, { questions, answers }), again, "A").kind, "found");
  });
});

describe("what does not fit", () => {
  const tcp = { kind: "instead", by: "tcp" };
  const manners = { UDP, PLAIN, TCP };
  const read = (
    manner: keyof typeof manners,
    more: Parameters<typeof answerTo>[1],
  ): Reading<"TXT"> => {
    const asked = question("example.org", "TXT", manners[manner]);
    return readAnswer(answerTo(asked, more), asked, "TXT");
  };
  /** An answer of exactly so many octets. */
  const sized = (octets: number) => {
    const length = octets - 12 - (13 + 4) - (13 + 10);
    const data = Array.from({ length }, (_, n) =>
      n % 256 === 0 ? Math.min(255, length - n - 1) : 97,
    );
    return { answers: [record("example.org", "TXT", data)] };
  };

  test("is asked for over TCP", () => {
    assert.deepEqual(read("UDP", { flags: FLAGS.answer | FLAGS.truncated }), tcp);
    assert.equal(read("UDP", sized(1232)).kind, "found");
    assert.deepEqual(read("UDP", sized(1233)), tcp);
    assert.equal(read("PLAIN", sized(512)).kind, "found");
    assert.deepEqual(read("PLAIN", sized(513)), tcp);
    assert.equal(read("TCP", sized(65_535)).kind, "found");
  });

  test("over TCP has failed", () => {
    assert.deepEqual(read("TCP", { flags: FLAGS.answer | FLAGS.truncated }), MALFORMED);
  });

  test("more records than are looked at", () => {
    const many = (length: number) => ({
      answers: Array.from({ length }, () => record(pointer(12), "TXT", txt("a"))),
    });
    assert.equal(read("TCP", many(1000)).kind, "found");
    assert.deepEqual(read("TCP", many(1001)), MALFORMED);
  });
});

describe("hostile bones", () => {
  const asked = question("example.org", "A");
  const good = answerTo(asked, { answers: [record(pointer(12), "A", [192, 0, 2, 7])] });

  test("a message that ends early, or goes on", () => {
    assert.equal(readAnswer(good, asked, "A").kind, "found");
    for (let length = 29; length < good.length; length++)
      assert.deepEqual(readAnswer(good.subarray(0, length), asked, "A"), MALFORMED, `${length}`);
    assert.deepEqual(readAnswer(Uint8Array.from([...good, 0]), asked, "A"), MALFORMED);
  });

  const answering = (owner: Octets): Reading<"A"> =>
    readAnswer(answerTo(asked, { answers: [record(owner, "A", [192, 0, 2, 7])] }), asked, "A");

  test("pointers to themselves, forward, into the header", () => {
    for (const to of [29, 30, 31, 100, 0x3fff, 0, 11])
      assert.deepEqual(answering(pointer(to)), MALFORMED);
    assert.deepEqual(answering([1, 97, ...pointer(29)]), MALFORMED, "a label and round again");
    assert.deepEqual(answering([0xc0]), MALFORMED);
  });

  test("a label of more than 63 octets, or of a kind that there is not", () => {
    for (const head of [64, 65, 127, 128, 191])
      assert.deepEqual(answering([head, ...Array<number>(head).fill(97), 0]), MALFORMED);
  });

  test("a record whose data run out of the message, or into the next record", () => {
    const long = record(pointer(12), "A", [192, 0, 2, 7]).with(11, 5);
    assert.deepEqual(readAnswer(answerTo(asked, { answers: [long] }), asked, "A"), MALFORMED);
    const two = [long, record(pointer(12), "A", [192, 0, 2, 8])];
    assert.deepEqual(readAnswer(answerTo(asked, { answers: two }), asked, "A"), MALFORMED);
  });

  test("a chain of pointers", () => {
    const chained = (length: number): Reading<"A"> => {
      // The data of a first record are pointers, each to the one before it; the first to the question.
      const at = 29 + 2 + 10;
      const chain = Array.from({ length }, (_, n) => pointer(n === 0 ? 12 : at + 2 * (n - 1)));
      const first = record(pointer(12), 99, chain.flat());
      const second = record(pointer(at + 2 * (length - 1)), "A", [192, 0, 2, 7]);
      return readAnswer(answerTo(asked, { answers: [first, second] }), asked, "A");
    };
    assert.equal(chained(15).kind, "found");
    assert.deepEqual(chained(16), MALFORMED);
  });

  test("a name of more than 255 octets", () => {
    const owner = (last: number): Octets =>
      labels([...Array<string>(3).fill("a".repeat(63)), "b".repeat(last)]);
    assert.equal(answering(owner(61)).kind, "no-data");
    assert.deepEqual(answering(owner(62)), MALFORMED);
  });

  test("more than one OPT", () => {
    assert.equal(readAnswer(answerTo(asked, { additionals: [opt()] }), asked, "A").kind, "no-data");
    assert.deepEqual(
      readAnswer(answerTo(asked, { additionals: [opt(), opt()] }), asked, "A"),
      MALFORMED,
    );
  });
});
