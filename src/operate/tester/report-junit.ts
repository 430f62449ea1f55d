/**
 * What was found as JUnit's XML, which every system for continuous integration reads: a suite an endpoint, a test case a vector and way to
 * greet. Promises: there is no failure and no error in it exactly when the verdict is closed; a failure is a relay; an error, what was not
 * proven; skipped, what cannot be tried from outside. XML 1.0 §2.2 is kept, whatever a server has said.
 */
import { printTranscript } from "../relaytest/index.ts";
import type { Findings, Place, TriedVector, Try } from "./findings.ts";
import type { Grade } from "./grade.ts";

/** `at`: when it began, milliseconds since 1970. */
export function junitReport(all: readonly Findings[], at: number): string {
  const suites = all.flatMap(suitesOf);
  const total = counts(suites.flatMap(({ cases }) => cases));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: "gatepost test", ...total })}>`,
    ...suites.flatMap((suite) => suiteLines(suite, at)),
    "</testsuites>",
    "",
  ].join("\n");
}

interface Suite {
  readonly name: string;
  readonly cases: readonly TestCase[];
}

interface TestCase {
  readonly name: string;
  readonly outcome: "passed" | "failure" | "error" | "skipped";
  /** The grade, where it is not closed. */
  readonly type?: string;
  readonly message?: string;
  readonly details?: readonly string[];
}

function suitesOf({ target, places, unfinished, untested }: Findings): readonly Suite[] {
  if (untested !== undefined)
    return [{ name: target, cases: [{ ...REACHED, outcome: "error", message: untested }] }];
  // Where nobody listens nothing is relayed; that somebody listens anywhere is needed to know it.
  const heard = places.some(({ unheard }) => unheard === undefined);
  const left = unfinished.map((message): TestCase => ({ ...WHOLE, outcome: "error", message }));
  const whole = left.length === 0 ? [] : [{ name: target, cases: left }];
  const suites = places.map((place) => ({
    name: place.name === target ? target : `${target} ${place.name}`,
    cases: [
      reached(place, heard),
      ...place.vectors.map(caseOf),
      ...[...place.untried].flatMap(([why, ids]) =>
        ids.map((name): TestCase => ({ name, outcome: "skipped", message: why })),
      ),
    ],
  }));
  return [...whole, ...suites];
}

const WHOLE = { name: "is tested as a whole" } as const;
const REACHED = { name: "can be tested" } as const;

function reached({ unheard, doubt, facts }: Place, heard: boolean): TestCase {
  if (unheard !== undefined)
    return {
      ...REACHED,
      outcome: heard ? "skipped" : "error",
      message: `nobody answers (${unheard})`,
    };
  if (doubt === undefined) return { ...REACHED, outcome: "passed" };
  return { ...REACHED, outcome: "error", type: "inconclusive", message: doubt, details: facts };
}

const OUTCOMES: Readonly<Record<Grade, TestCase["outcome"]>> = {
  closed: "passed",
  weak: "passed",
  inconclusive: "error",
  accepts: "error",
  accepted: "error",
  relayed: "failure",
};

/** Tries of one vector that are told; the worst come first. */
const TRIES_LIMIT = 10;

function caseOf({ id, why, manner, grade, tries }: TriedVector): TestCase {
  const name = `${id} by ${manner}`;
  const telling = tries.filter((one) => one.grade === grade);
  const [first] = telling;
  if (grade === "closed" || first === undefined) return { name, outcome: "passed" };
  return {
    name,
    outcome: OUTCOMES[grade],
    type: grade,
    message: `${why}. ${first.title}: ${grade} (${first.reason})`,
    details: telling.slice(0, TRIES_LIMIT).flatMap(tryLines),
  };
}

function tryLines({ title, endpoint, grade, reason, transcript, returned }: Try) {
  return [
    `${title} at ${endpoint}: ${grade} (${reason})`,
    ...returned.flatMap(({ from, at, received }) => [
      `  came back from ${from} at ${new Date(at).toISOString()}`,
      ...received.map((line) => `  Received: ${line}`),
    ]),
    ...(transcript === undefined ? [] : printTranscript(transcript).map((line) => `  ${line}`)),
  ];
}

function suiteLines({ name, cases }: Suite, at: number): readonly string[] {
  const timestamp = new Date(at).toISOString().slice(0, 19);
  return [
    `  <testsuite${attributes({ name, timestamp, ...counts(cases) })}>`,
    ...cases.flatMap((one) => caseLines(one, name)),
    "  </testsuite>",
  ];
}

function caseLines(testCase: TestCase, suite: string): readonly string[] {
  const { name, outcome, type, message, details = [] } = testCase;
  // A dot would make a package of it.
  const named = attributes({ classname: suite.replaceAll(".", "_"), name });
  if (outcome === "passed" && message === undefined) return [`    <testcase${named}/>`];
  const body = details.length === 0 ? "" : text(`\n${details.join("\n")}\n`);
  const told = attributes({ ...(type !== undefined && { type }), message: message ?? "" });
  const inner =
    outcome === "passed"
      ? `<system-out>${text(message ?? "")}${body}</system-out>`
      : `<${outcome}${told}>${body}</${outcome}>`;
  return [`    <testcase${named}>`, `      ${inner}`, "    </testcase>"];
}

function counts(cases: readonly TestCase[]) {
  const of = (outcome: TestCase["outcome"]): number =>
    cases.filter((one) => one.outcome === outcome).length;
  return {
    tests: cases.length,
    failures: of("failure"),
    errors: of("error"),
    skipped: of("skipped"),
  };
}

function attributes(pairs: Readonly<Record<string, string | number>>): string {
  return Object.entries(pairs)
    .map(([name, value]) => ` ${name}="${text(String(value)).replaceAll(/[\t\n\r]/g, " ")}"`)
    .join("");
}

const ENTITIES = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
]);

/** XML 1.0 §2.2: all else cannot be written in it, not even as a reference. */
const NO_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

function text(raw: string): string {
  return raw
    .replaceAll(NO_XML, "\ufffd")
    .replaceAll(/[&<>"]/g, (char) => ENTITIES.get(char) ?? char);
}
