/** What was found, for people who read it on a terminal: first and in words; then what is wrong and how to mend it; then how it was found out. */
import { wrapped } from "../../runtime/index.ts";
import { printTranscript } from "../relaytest/index.ts";
import type { Findings, Hole, Place, Try } from "./findings.ts";
import { summary, testFindings } from "./findings-of-test.ts";
import type { Grade } from "./grade.ts";
import type { TestResult } from "./result.ts";

export function testReport(result: TestResult): string {
  const { notes, places }: Findings = testFindings(result);
  return [
    ...summary(result).flatMap((line) => wrapped(line, "")),
    ...notes.flatMap((note) => wrapped(note, "")),
    ...places.flatMap((place) => ["", ...placeLines(place)]),
  ].join("\n");
}

function placeLines(place: Place): readonly string[] {
  const { name, grade, unheard, facts, character, holes } = place;
  if (unheard !== undefined) return [`${name}: nobody answers (${unheard})`];
  return [
    `${name}: ${grade}`,
    ...facts.flatMap((fact) => indented(fact)),
    ...character.flatMap(({ trait, why }) => indented(`${trait}: ${why}`)),
    ...holes.flatMap(holeLines),
    ...untriedLines(place),
  ];
}

/** Vectors that are named for a hole. */
const NAMED_LIMIT = 12;

function holeLines({ name, grade, wrong, todo, vectors, example }: Hole): readonly string[] {
  const named = vectors.slice(0, NAMED_LIMIT).join(", ");
  const more = vectors.length - NAMED_LIMIT;
  return [
    "",
    ...indented(`${HOLE_HEADS[grade]} (${name}): ${wrong}`),
    ...indented(`shown by ${named}${more > 0 ? ` and ${more} more` : ""}`, 4),
    ...(example === undefined ? [] : evidenceLines(example)),
    ...todo.flatMap((text) => wrapped(`- ${text}`, "    ")),
  ];
}

/** What a hole is called, by what shows it. */
export const HOLE_HEADS: Readonly<Record<Grade, string>> = {
  relayed: "HOLE",
  accepted: "suspected, a message was taken",
  accepts: "suspected, a recipient was taken",
  closed: "",
  weak: "a nuisance to others",
  inconclusive: "",
};

function evidenceLines({ title, manner, endpoint, returned }: Try): readonly string[] {
  const [first] = returned;
  const head = `such as ${title}, by ${manner}`;
  if (first === undefined) return indented(head, 4);
  return [
    ...indented(
      `${head}: in at ${endpoint}, out from ${first.from} at ${new Date(first.at).toISOString()}`,
      4,
    ),
    ...first.received.slice(0, 5).map((line) => `      Received: ${line}`),
  ];
}

function untriedLines({ untried }: Place): readonly string[] {
  if (untried.size === 0) return [];
  return [
    "",
    "  not tried from outside:",
    ...[...untried].flatMap(([why, ids]) => indented(`${ids.length} vectors: ${why}`, 4)),
  ];
}

/** What was said, of every case that is there; each with its result. */
export function transcripts({ endpoints }: TestResult): string {
  return endpoints
    .flatMap(({ cases }) => cases)
    .flatMap(({ title, manner, endpoint, grade, reason, transcript }) => [
      "",
      `${title}, by ${manner}, at ${endpoint}: ${grade} (${reason})`,
      ...(transcript === undefined ? [] : printTranscript(transcript).map((line) => `  ${line}`)),
    ])
    .join("\n");
}

function indented(text: string, by = 2): readonly string[] {
  return wrapped(text, " ".repeat(by));
}
