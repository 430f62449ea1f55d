/** What holds for every server, and every way in which its octets arrive. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { cut, cuts } from "../dialogue/chunks.ts";
import {
  CLIENT_SETTINGS,
  ClientHarness,
  CONTENT,
  queryTo,
  transactionTo,
} from "./client-harness.ts";

const yes = fc.constantFrom(
  "250 ok",
  "250 2.1.0 ok",
  "250-one\r\n250 two",
  "251 2.1.5 will forward",
);
const no = fc.constantFrom(
  "450 later",
  "451 4.7.1 greylisted",
  "452-4.5.3 too many\r\n452 4.5.3 for now",
  "550 5.1.1 no such user",
  "552 too many",
  "554",
  "421 4.3.2 stopping",
);
const odd = fc.constantFrom(
  "354 go",
  "220 go",
  "334 ",
  "250-x\r\n251 y",
  "250 x\ny",
  "hello",
  "150 x",
  "250 \xe9\t",
);
const reply = fc.oneof(
  { weight: 12, arbitrary: yes },
  { weight: 4, arbitrary: no },
  { weight: 1, arbitrary: odd },
);
const ehlo = fc.constantFrom(
  "250 x",
  "250-x\r\n250 PIPELINING",
  "250-x\r\n250-SIZE 100\r\n250-STARTTLS\r\n250 PIPELINING",
  "250-x\r\n250-DSN\r\n250 LIMITS MAILMAX=2",
  "500 what",
);

/** What a scripted server has to say, each word when its turn comes. */
interface Script {
  readonly protocol: "smtp" | "lmtp";
  readonly greeting: string;
  readonly ehlo: string;
  readonly data: string;
  readonly replies: readonly string[];
  /** Of each message; below zero it is a query. */
  readonly recipients: readonly number[];
}

const script: fc.Arbitrary<Script> = fc.record({
  protocol: fc.constantFrom("smtp", "lmtp"),
  greeting: fc.oneof(
    { weight: 15, arbitrary: fc.constant("220 x") },
    { weight: 1, arbitrary: reply },
  ),
  ehlo: fc.oneof({ weight: 15, arbitrary: ehlo }, { weight: 1, arbitrary: reply }),
  data: fc.oneof({ weight: 9, arbitrary: fc.constant("354 go") }, { weight: 1, arbitrary: reply }),
  replies: fc.array(reply, { minLength: 1, maxLength: 40 }),
  recipients: fc.array(
    fc.integer({ min: -3, max: 6 }).filter((count) => count !== 0),
    { maxLength: 4 },
  ),
});

/** One reply for each command, and one for a whole message; in LMTP, one for each recipient it took (RFC 2033 §4.2). */
class ScriptedServer {
  readonly #script: Script;
  #heard = 0;
  #replies = 0;
  #content = false;
  #taken = 0;

  constructor(given: Script) {
    this.#script = given;
  }

  /** The replies to what the client has said since the last time. */
  turn(said: string): string {
    const fresh = said.slice(this.#heard);
    this.#heard = said.length;
    if (said === "") return `${this.#script.greeting}\r\n`;
    if (this.#content) {
      this.#content = false;
      const answers = this.#script.protocol === "lmtp" ? this.#taken : 1;
      return Array.from({ length: answers }, () => `${this.#next()}\r\n`).join("");
    }
    const commands = fresh.split("\r\n").slice(0, -1);
    return commands.map((command) => `${this.#replyTo(command)}\r\n`).join("");
  }

  #replyTo(command: string): string {
    const hello = this.#script.protocol === "lmtp" ? "LHLO" : "EHLO";
    if (command.startsWith(hello)) return this.#script.ehlo;
    if (command.startsWith("MAIL")) this.#taken = 0;
    if (command === "STARTTLS") return "220 go";
    if (command !== "DATA") {
      const answer = this.#next();
      if (command.startsWith("RCPT") && answer.startsWith("2")) this.#taken++;
      return answer;
    }
    this.#content = this.#script.data.startsWith("354");
    return this.#script.data;
  }

  #next(): string {
    const { replies } = this.#script;
    return replies[this.#replies++ % replies.length] ?? "";
  }
}

function converse(given: Script, chunksOf: (octets: Uint8Array) => Uint8Array[]): ClientHarness {
  const client = new ClientHarness(
    given.recipients.map((count) => (count < 0 ? queryTo(-count) : transactionTo(count))),
    { ...CLIENT_SETTINGS, protocol: given.protocol },
  );
  const server = new ScriptedServer(given);
  for (let turns = 0; turns < 60 && !client.closed; turns++) {
    if (client.handshake) client.secured();
    else
      for (const chunk of chunksOf(Buffer.from(server.turn(client.said), "latin1"))) {
        if (client.closed || client.handshake) break;
        client.receive(chunk);
        client.settle();
      }
  }
  client.hangUp();
  return client;
}

const single = (octets: Uint8Array): Uint8Array[] =>
  Array.from(octets, (octet) => Uint8Array.of(octet));

test("a server's replies lead to the same in any chunks", () => {
  fc.assert(
    fc.property(script, cuts, (given, positions) => {
      const whole = converse(given, (octets) => [octets]);
      for (const chunksOf of [single, (octets: Uint8Array) => cut(octets, positions)]) {
        const other = converse(given, chunksOf);
        assert.deepEqual(other.events, whole.events);
        assert.equal(other.said, whole.said);
      }
    }),
    { numRuns: 1000 },
  );
});

test("scripted servers get messages delivered, deferred and failed", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(script, (given) => {
      for (const event of converse(given, (octets) => [octets]).events)
        for (const kind of ["delivered", "deferred", "failed", "inDoubt", "ended quit"])
          if (event.includes(kind)) seen.add(kind);
    }),
    { numRuns: 1000, seed: 7 },
  );
  assert.equal(seen.size, 5, [...seen].join(" "));
});

test("in LMTP each recipient has the answer that is its own, and without one it is in doubt", () => {
  // 552 at RCPT says that there are too many, 421 ends it all.
  const refused = no.filter((text) => !/^(?:421|552)/.test(text));
  const recipient = fc.record({
    taken: fc.boolean(),
    answer: fc.oneof(yes, no),
    refusal: refused,
  });
  const recipients = fc.array(recipient, { minLength: 1, maxLength: 3 }); // one group
  fc.assert(
    fc.property(recipients, fc.nat({ max: 3 }), (given, answers) => {
      const settings = { ...CLIENT_SETTINGS, protocol: "lmtp" } as const;
      const client = new ClientHarness([transactionTo(given.length)], settings);
      const taken = given.filter((one) => one.taken);
      talk(client, "220 x", "250 x", "250 ok");
      talk(client, ...given.map((one) => (one.taken ? "250 ok" : one.refusal)));
      talk(client, taken.length === 0 ? "503 5.5.1 nobody" : "354 go");
      client.settle();
      const heard = taken.slice(0, answers);
      talk(client, ...heard.map(({ answer }) => answer));
      client.hangUp();
      const settled = client.events.find((event) => event.startsWith("["));
      const told = JSON.parse(settled ?? "[]") as readonly unknown[]; // the harness wrote it
      const kinds = given.map((one) => {
        if (one.taken && !heard.includes(one)) return "deferred";
        return KINDS.get((one.taken ? one.answer : one.refusal)[0] ?? "");
      });
      assert.deepEqual(told.slice(0, given.length), kinds);
      const doubts = settled?.split('"inDoubt":true').length ?? 0;
      assert.equal(doubts - 1, taken.length - heard.length);
    }),
    { numRuns: 500 },
  );
});

const KINDS = new Map([
  ["2", "delivered"],
  ["4", "deferred"],
  ["5", "failed"],
]);

test("octets, silence, handshakes and hang-ups at any moment keep the contract", () => {
  const octets = fc
    .oneof(
      { weight: 8, arbitrary: fc.oneof(reply, ehlo).map((text) => `${text}\r\n`) },
      { weight: 5, arbitrary: fc.constant("354 go\r\n") },
      { weight: 1, arbitrary: fc.string({ unit: "binary-ascii", maxLength: 8 }) },
      { weight: 1, arbitrary: fc.constantFrom("2", "250", "250-", "\r", "\n", "\0") },
    )
    .map((text) => Uint8Array.from(Buffer.from(text, "latin1")));
  const happening = fc.oneof(
    { weight: 10, arbitrary: octets },
    { weight: 10, arbitrary: fc.constant("go on" as const) },
    { weight: 1, arbitrary: fc.constantFrom("timeout" as const, "shutdown" as const) },
  );
  const protocols = fc.constantFrom("smtp" as const, "lmtp" as const);
  const sizes = fc.constantFrom(CONTENT.length, CONTENT.length, CONTENT.length - 3, 0);
  fc.assert(
    fc.property(
      fc.array(happening, { maxLength: 60 }),
      sizes,
      protocols,
      (happenings, size, protocol) => {
        const client = new ClientHarness(
          [transactionTo(2, size), queryTo(2), transactionTo(4), transactionTo(1)],
          { ...CLIENT_SETTINGS, protocol },
        );
        for (const what of happenings) {
          if (client.closed) break;
          if (what === "timeout") client.apply(client.session.timeout());
          else if (what === "shutdown") client.apply(client.session.shutdown());
          else if (what !== "go on") client.receive(what);
          else if (client.asked !== undefined) client.answer();
          else if (client.flushing) client.drained();
          else if (client.handshake) client.secured();
        }
        client.hangUp();
      },
    ),
    { numRuns: 2000 },
  );
});

function talk(client: ClientHarness, ...replies: readonly string[]): void {
  for (const text of replies) {
    client.receive(Uint8Array.from(Buffer.from(`${text}\r\n`)));
    if (client.asked?.kind === "transaction") client.answer();
  }
}

describe("while the message is on its way", () => {
  /** The first chunk is asked for. */
  function inContent(): ClientHarness {
    const client = new ClientHarness([transactionTo(1)]);
    talk(client, "220 x", "250 x", "250 ok", "250 ok", "354 go");
    assert.equal(client.asked?.kind, "content");
    return client;
  }

  test("a connection that breaks leaves it deferred, and not perhaps delivered", () => {
    for (const chunks of [0, 1, 3]) {
      const client = inContent();
      for (let i = 0; i < chunks; i++) {
        client.answer();
        if (client.flushing) client.drained();
      }
      client.hangUp();
      assert.match(client.events.at(-2) ?? "", /"deferred".*in the middle of the message/);
      assert.doesNotMatch(client.events.at(-2) ?? "", /inDoubt/);
    }
  });

  test("the last words before that count", () => {
    const client = inContent();
    client.answer();
    client.receive(Buffer.from("552 5.3.4 too large\r\n"));
    client.hangUp();
    assert.match(client.events.at(-2) ?? "", /"failed".*"code":552/);
    assert.match(client.events.at(-1) ?? "", /^ended interrupted 552 5.3.4/);
  });

  test("a server that takes nothing is given up", () => {
    const client = inContent();
    client.answer();
    while (!client.flushing) client.answer();
    assert.equal(client.session.patienceMs(), CLIENT_SETTINGS.limits.blockTimeMs);
    client.apply(client.session.timeout());
    assert.ok(client.closed);
    assert.match(client.events.at(-2) ?? "", /"deferred".*silent.*in the middle of the message/);
  });

  test("a reply that comes in parts is waited for, a half one at the end is no answer", () => {
    const client = inContent();
    client.receive(Buffer.from("25"));
    client.settle();
    assert.ok(client.closed);
    assert.match(client.events.at(-1) ?? "", /^ended out of step/);
    assert.ok(!client.said.endsWith("\r\n.\r\n"));
  });
});

test("each phase has its patience", () => {
  const { limits } = CLIENT_SETTINGS;
  const client = new ClientHarness([transactionTo(1)]);
  const patience: number[] = [client.session.patienceMs()];
  for (const text of ["220 x", "250 x", "250 ok", "250 ok", "354 go"]) {
    talk(client, text);
    patience.push(client.session.patienceMs());
  }
  client.settle();
  patience.push(client.session.patienceMs());
  talk(client, "250 ok");
  client.settle();
  patience.push(client.session.patienceMs());
  assert.deepEqual(patience.slice(0, 5), [
    limits.greetingTimeMs,
    limits.commandTimeMs,
    limits.commandTimeMs,
    limits.commandTimeMs,
    limits.dataTimeMs,
  ]);
  assert.deepEqual(patience.slice(6), [limits.finalTimeMs, limits.quitTimeMs]);
});

test("only whole replies are progress", () => {
  const client = new ClientHarness([]);
  client.receive(Buffer.from("220-one\r\n220-two\r\n220 thr"));
  assert.equal(client.session.progress(), 0);
  client.receive(Buffer.from("ee\r\n"));
  assert.equal(client.session.progress(), 1);
});

test("an answer nobody asked for, and a handshake nobody began, are bugs of the driver", () => {
  const client = new ClientHarness([]);
  assert.throws(() => client.session.answer({ kind: "quit" }), /without an ask/);
  assert.throws(() => client.session.secured({ version: "x", cipher: "x" }), /not asked for/);
});
