/** What holds for every client, every desk and every way in which octets arrive. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { isPositive, status } from "../../../src/mail/index.ts";
import { octetsOf } from "../../../src/protocol/dialogue/index.ts";
import { cut, cuts } from "../dialogue/chunks.ts";
import { answerIn, Harness, SETTINGS } from "./harness.ts";

const command = fc
  .constantFrom(
    "EHLO client.example",
    "HELO x",
    "MAIL FROM:<a@foreign.example>",
    "MAIL FROM:<> SIZE=50 BODY=8BITMIME",
    "MAIL FROM:<é@foreign.example> SMTPUTF8",
    "MAIL FROM:<> SIZE=61",
    "RCPT TO:<b@local.example>",
    "RCPT TO:<t@foreign.example>",
    "RCPT TO:<@hop.example:t@foreign.example>",
    "RCPT TO:<b>",
    "DATA",
    "BDAT 0",
    "BDAT 5",
    "BDAT 5 LAST",
    "BDAT 0 LAST",
    "BDAT 70 LAST",
    "BDAT x",
    "RSET",
    "NOOP",
    "VRFY b",
    "HELP",
    "STARTTLS",
    "QUIT",
    "AUTH PLAIN x",
    "FOO",
    "x".repeat(90),
  )
  .map((text) => Buffer.from(`${text}\r\n`));

/** A whole transaction, so that the engine gets far. */
const transaction = fc
  .tuple(
    fc.constantFrom(
      "DATA\r\none\r\n..two\r\n.\r\n",
      "BDAT 5\r\n12345BDAT 5 LAST\r\nabc\r\n",
      "DATA\r\n",
    ),
    fc.constantFrom("", "EHLO client.example\r\n"),
  )
  .map(([content, ehlo]) =>
    Buffer.from(`${ehlo}MAIL FROM:<a@foreign.example>\r\nRCPT TO:<b@local.example>\r\n${content}`),
  );
const text = fc
  .constantFrom(".\r\n", "..\r\n", "text\r\n", "text", ".", `${"y".repeat(50)}\r\n`)
  .map((t) => Buffer.from(t));
const soup = fc
  .constantFrom("\r", "\n", "\0", "\r\n", " ", "\t", "\xff")
  .map((t) => Buffer.from(t, "latin1"));

/** Mostly a conversation, now and then rubbish. */
const client = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: command },
      { weight: 8, arbitrary: transaction },
      { weight: 4, arbitrary: text },
      { weight: 1, arbitrary: soup },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 12 }) },
    ),
    { maxLength: 25 },
  )
  .map((parts) => Uint8Array.from(Buffer.concat(parts)));

/** The desk's mood for each ask in turn; mostly yes. */
const moods = fc.array(fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1, 2, 3), { maxLength: 30 });

interface Outcome {
  readonly said: string;
  readonly events: readonly string[];
}

/** `late`: how many chunks come while an answer is out; at most all that are left. */
function converse(
  chunks: readonly Uint8Array[],
  deskMoods: readonly number[],
  late: readonly number[] = [],
): Outcome {
  const harness = new Harness();
  let asks = 0;
  let waiting = 0;
  const answerAll = (): void => {
    while (harness.asked !== undefined && waiting === 0) {
      harness.answer(answerIn(deskMoods[asks] ?? 0));
      asks++;
      waiting = late[asks] ?? 0;
    }
  };
  harness.start();
  answerAll();
  waiting = 0;
  answerAll();
  for (const chunk of chunks) {
    harness.receive(chunk);
    waiting = Math.max(0, waiting - 1);
    answerAll();
  }
  waiting = 0;
  while (harness.asked !== undefined) {
    waiting = 0;
    answerAll();
  }
  harness.hangUp();
  return { said: harness.said, events: harness.events };
}

describe("any octets", () => {
  test("lead to valid steps, valid replies, and one end", () => {
    fc.assert(
      fc.property(client, moods, (octets, deskMoods) => {
        const { said } = converse([octets], deskMoods);
        for (const line of said.split("\r\n").slice(0, -1))
          assert.match(line, /^[2-5][0-9]{2}[ -][\x20-\x7e]{1,506}$/);
        assert.ok(said === "" || said.endsWith("\r\n"));
      }),
      { numRuns: 1000 },
    );
  });

  test("lead to the same in any chunks", () => {
    fc.assert(
      fc.property(client, cuts, moods, (octets, positions, deskMoods) => {
        const whole = converse([octets], deskMoods);
        assert.deepEqual(converse(cut(octets, positions), deskMoods), whole);
        assert.deepEqual(
          converse(
            Array.from(octets, (octet) => Uint8Array.of(octet)),
            deskMoods,
          ),
          whole,
        );
      }),
      { numRuns: 1000 },
    );
  });

  test("lead to the same with a desk that lets octets pile up", () => {
    const delays = fc.array(fc.nat(5), { maxLength: 30 });
    fc.assert(
      fc.property(client, cuts, moods, delays, (octets, positions, deskMoods, late) => {
        const whole = converse([octets], deskMoods);
        assert.deepEqual(converse(cut(octets, positions), deskMoods, late), whole);
      }),
      { numRuns: 1000 },
    );
  });

  test("never get further than the desk allows: no content without an accepted recipient", () => {
    fc.assert(
      fc.property(client, moods, (octets, deskMoods) => {
        const { events } = converse([octets], deskMoods);
        let accepted = 0;
        let asks = 0;
        for (const event of events) {
          if (event === 'tell {"kind":"reset"}') accepted = 0;
          if (!event.startsWith("ask ")) continue;
          const answer = answerIn(deskMoods[asks++] ?? 0);
          const yes =
            answer.kind === "proceed" || (answer.kind === "status" && isPositive(answer.status));
          if (event.includes('"kind":"sender"')) accepted = 0;
          if (event.includes('"kind":"recipient"') && yes) accepted++;
          if (event.includes('"kind":"content"') || event.includes('"kind":"message"'))
            assert.ok(accepted > 0 && accepted <= SETTINGS.limits.recipients, events.join("\n"));
          if (event.includes('"kind":"message"')) accepted = 0;
        }
      }),
      { numRuns: 1000 },
    );
  });
});

test("timeouts, shutdowns, handshakes and hang-ups at any moment keep the contract", () => {
  const happening = fc.oneof(
    {
      weight: 10,
      arbitrary: fc.tuple(
        fc.constant("octets" as const),
        fc.oneof(command, transaction, text, soup),
      ),
    },
    {
      weight: 6,
      arbitrary: fc.tuple(fc.constant("answer" as const), fc.constant(Buffer.alloc(0))),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(
        fc.constantFrom("timeout" as const, "shutdown" as const, "drained" as const),
        fc.constant(Buffer.alloc(0)),
      ),
    },
  );
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 40 }), moods, (happenings, deskMoods) => {
      const harness = new Harness({ ...SETTINGS, startTls: "offered" });
      harness.start();
      let asks = 0;
      for (const [what, octets] of happenings) {
        if (what === "octets" && !harness.handshake) harness.receive(octets);
        if (what === "answer" && harness.asked !== undefined)
          harness.answer(answerIn(deskMoods[asks++] ?? 0));
        if (what === "answer" && harness.handshake) harness.secured();
        if (what === "timeout") harness.apply(harness.session.timeout());
        if (what === "shutdown") harness.apply(harness.session.shutdown());
        if (what === "drained") harness.apply(harness.session.drained());
      }
      harness.hangUp();
    }),
    { numRuns: 1000 },
  );
});

/** A session in the middle of a transaction, or of its content, with a large limit. */
function inContent(opening: string): Harness {
  const harness = new Harness({
    ...SETTINGS,
    limits: { ...SETTINGS.limits, messageOctets: 1e9 },
  });
  harness.start();
  harness.answer(answerIn(0));
  harness.receive(octetsOf(`EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<b@local.example>\r\n${opening}`));
  while (harness.asked !== undefined) harness.answer(answerIn(0));
  return harness;
}

describe("the way of content", () => {
  for (const opening of ["DATA\r\n", "BDAT 300000 LAST\r\n"])
    test(`after ${opening.trim()} is without a copy`, () => {
      const { session } = inContent(opening);
      const chunk = octetsOf("0123456789abcdef\r\n".repeat(3000));
      for (const step of session.receive(chunk)) {
        assert.equal(step.kind, "body");
        assert.equal(step.kind === "body" && step.slice.buffer, chunk.buffer);
      }
    });

  test("stays out of reach of the desk when its chunk does not fit", () => {
    const harness = inContent("BDAT 5\r\n12345");
    const steps = harness.session.receive(octetsOf("BDAT 999999996\r\ntext"));
    assert.deepEqual(
      steps.map((step) => (step.kind === "tell" ? step.tell.kind : step.kind)),
      ["reset"],
    );
  });

  test("counts as progress, octet by octet; commands count when they are complete", () => {
    const harness = inContent("");
    const start = harness.session.progress();
    harness.receive(octetsOf("NO"));
    assert.equal(harness.session.progress(), start);
    harness.receive(octetsOf("OP\r\nNOOP\r\n"));
    assert.equal(harness.session.progress(), start + 2);
    harness.receive(octetsOf("DATA\r\n"));
    harness.answer(answerIn(0));
    harness.receive(octetsOf("text"));
    assert.equal(harness.session.progress(), start + 3 + 4);
  });

  test("has a patience of its own", () => {
    const harness = inContent("");
    assert.equal(harness.session.patienceMs(), 1000);
    assert.equal(harness.session.patienceMs(true), 1000, "never more where it is crowded");
    harness.receive(octetsOf("DATA\r\n"));
    harness.answer(answerIn(0));
    assert.equal(harness.session.patienceMs(), 2000);
    assert.equal(harness.session.patienceMs(true), 1500);
    harness.receive(octetsOf(".\r\n"));
    harness.answer(answerIn(0));
    assert.equal(harness.session.patienceMs(), 1000);
  });
});

/** Up to the question whether a password is right. */
function atPassword(): Harness {
  const submission = { authLogin: true, saslLineOctets: 200 };
  const limits = { ...SETTINGS.limits, commandTimeMs: 2000 };
  const harness = new Harness({ ...SETTINGS, startTls: "established", submission, limits });
  harness.start();
  for (const line of ["", "EHLO x\r\n"]) {
    harness.receive(octetsOf(line));
    harness.answer(answerIn(0));
  }
  harness.receive(octetsOf("AUTH PLAIN AGJvYgBzZWNyZXQ=\r\n"));
  return harness;
}

test("nobody is logged in by other words than the one", () => {
  const welcome = status(250, "2.0.0", "welcome", "desk");
  for (const answer of [{ kind: "status", status: welcome }, { kind: "proceed" }] as const)
    assert.throws(
      () => atPassword().session.answer(answer),
      /let in by words|no answer to a login/,
    );
});

test("a user who has logged in is not hurried where it is crowded", () => {
  const harness = atPassword();
  assert.equal(harness.session.patienceMs(true), 1500);
  harness.answer({ kind: "authenticated" });
  assert.match(harness.said, /235 2\.7\.0 welcome\r\n$/);
  assert.equal(harness.session.patienceMs(true), 2000);
});

test("an answer nobody asked for, and a handshake nobody began, are bugs of the driver", () => {
  const harness = new Harness();
  harness.start();
  harness.answer(answerIn(0));
  assert.throws(() => harness.session.answer(answerIn(0)), /without an ask/);
  assert.throws(() => harness.session.secured({ version: "x", cipher: "x" }), /not asked for/);
});

test("a password in a refused AUTH is not told", () => {
  const harness = new Harness();
  harness.start();
  harness.answer(answerIn(0));
  const told = harness.session.receive(octetsOf("EHLO\r\nauth plain AGJvYgBzZWNyZXQ=\r\n"));
  const commands = told.flatMap((step) =>
    step.kind === "tell" && step.tell.kind === "refused" ? [step.tell.command] : [],
  );
  assert.deepEqual(commands, ["EHLO", "auth plain ..."]);
});
