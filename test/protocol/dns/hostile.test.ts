/** Hostile answers by the thousand, from a fresh seed; and that the worst of them cost no more than their length. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readAnswer } from "../../../src/protocol/dns/index.ts";
import { makeDns, readingOf } from "../../fuzz/dns/case.ts";
import { questionOf, SETTINGS } from "../../fuzz/dns/subject.ts";
import { formatScenario, parseScenario } from "../../fuzz/scenario.ts";
import { answerTo, labels, pointer, record } from "./message.ts";

const CASES = 20_000;

const OUTCOMES = [
  "stray",
  "instead plain",
  "instead tcp",
  "failed alias-loop",
  "failed malformed",
  "failed refused",
  "failed servfail",
  "alias",
  "found",
  "no-data",
  "no-such-name",
];

test(`${CASES} answers keep every promise, and among them is each outcome`, () => {
  const seed = Date.now() % 2 ** 31;
  const seen = new Set<string>();
  for (let n = 0; n < CASES; n++) {
    const scenario = makeDns(seed + n);
    const [message = new Uint8Array()] = scenario.happenings;
    try {
      const reading = readingOf(scenario, message);
      const more =
        reading.kind === "failed"
          ? ` ${reading.why}`
          : reading.kind === "instead"
            ? ` ${reading.by}`
            : "";
      seen.add(reading.kind + more);
    } catch (error) {
      assert.fail(
        `${error instanceof Error ? error.stack : String(error)}\n${formatScenario(scenario, `seed ${seed + n}`)}`,
      );
    }
  }
  assert.deepEqual([...seen].toSorted(), OUTCOMES.toSorted());
});

test("a case can be kept as text", () => {
  for (let n = 0; n < 200; n++) {
    const scenario = makeDns(n);
    assert.deepEqual(parseScenario(formatScenario(scenario, "kept")), scenario);
  }
});

/** How often an octet of the message is looked at, while it is read. */
function looks(message: Uint8Array): number {
  const question = questionOf({ settings: (SETTINGS / 6) * 5, mood: 1 }); // A, over TCP
  let count = 0;
  const watched = new Proxy(message, {
    get(target, key) {
      if (typeof key === "string" && /^[0-9]+$/.test(key)) count++;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
  readAnswer(watched, question, question.type);
  return count;
}

test("a message full of names that lead through others is looked at a few times", () => {
  const question = questionOf({ settings: (SETTINGS / 6) * 5, mood: 1 }); // A, over TCP
  const end = answerTo(question).length;
  const long = labels(Array.from({ length: 100 }, () => "a")).slice(0, -1);
  const chain = Array.from({ length: 15 }, (_, n) =>
    pointer(n === 0 ? 12 : end + 12 + 2 * (n - 1)),
  ).flat();
  const first = record(pointer(12), 99, [...chain, ...long, ...pointer(end + 12 + 2 * 13)]);
  const owner = pointer(end + 12 + 2 * 15);
  const many = (length: number): Uint8Array =>
    answerTo(question, {
      answers: [first, ...Array.from({ length }, () => record(owner, 1, [192, 0, 2, 7]))],
    });
  const few = looks(many(90));
  assert.ok(few > 90 * 100, "the names are read");
  assert.ok(looks(many(900)) < 11 * few, "ten times the records, ten times the looks");
});
