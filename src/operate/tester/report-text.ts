/** A test's result for people: what was found, first and in words; then what is wrong and how to mend it; then how it was found out. */
import { wrapped } from "../../runtime/index.ts";
import { printTranscript } from "../relaytest/index.ts";
import { GRADES, wordsOf, type Grade } from "./grade.ts";
import { endpointText } from "./machine.ts";
import { mendingOf } from "./mending.ts";
import type { Opening } from "./openings.ts";
import { serverKind } from "./server-kind.ts";
import type { CaseResult, EndpointResult, TestResult } from "./result.ts";

export function testReport(result: TestResult): string {
  return [
    ...summary(result).flatMap((line) => wrapped(line, "")),
    ...wayBackLines(result),
    ...result.endpoints.flatMap((one) => ["", ...endpointLines(one)]),
    ...outputLines(result),
  ].join("\n");
}

/** "OPEN RELAY: …", and what was not tested. */
export function summary(result: TestResult): readonly string[] {
  return [headline(result), ...result.unfinished.map((what) => `Not tested: ${what}.`)];
}

function headline({ target, verdict, grade, wayBack, endpoints }: TestResult): string {
  switch (verdict) {
    case "open":
      return `OPEN RELAY: ${target} carries mail of strangers to strangers. A test message came back.`;
    case "closed":
      return grade === "weak"
        ? `Closed: ${target} relays nothing for a stranger. Some of it it only put off (4xx) instead of refusing it (5xx): it should say no for good.`
        : `Closed: ${target} refused everything that it must refuse.`;
    case "inconclusive":
      return inconclusive(target, grade, wayBack !== undefined, endpoints);
  }
}

function inconclusive(
  target: string,
  grade: Grade,
  wayBack: boolean,
  endpoints: readonly EndpointResult[],
): string {
  const looks = endpoints.map(({ visited }) => visited.look);
  if (looks.every(({ kind }) => kind === "unreachable")) {
    const whys = looks.flatMap((look) => ("why" in look ? [look.why] : []));
    return `Not tested: nobody answers at ${target} (${[...new Set(whys)].join(", ")}).`;
  }
  if (grade === "accepted")
    return `Not proven: ${target} took messages that it should have refused. ${wayBack ? "None of them has come back yet; some servers need days." : "Whether it passes them on nobody sees: there is no way back (--sink, or [tester] domain)."}`;
  if (grade === "accepts")
    return `Not proven: ${target} took recipients that it should have refused, and then no message for them.`;
  return `Inconclusive: ${target} could not be tested to the end.`;
}

function wayBackLines({ wayBack, foreign, grade }: TestResult): readonly string[] {
  if (wayBack !== undefined)
    return [
      `Messages were addressed to ${foreign}. The way back: ${wayBack.name}.`,
      ...(wayBack.doubts ?? []).map((doubt) => `What comes back may not be seen: ${doubt}.`),
    ].flatMap((text) => wrapped(text, ""));
  if (grade === "relayed") return [];
  return wrapped(
    `There was no way back: messages were addressed to ${foreign}, and nobody sees whether one arrives. The best that can be said of a message that was taken is "accepted".`,
    "",
  );
}

function endpointLines(result: EndpointResult): readonly string[] {
  const { endpoint, visited, grade } = result;
  const { look } = visited;
  const name = endpoint.host === undefined ? "" : `${endpoint.host} `;
  const head = `${name}${endpointText(endpoint)}: ${grade}`;
  if (look.kind === "unreachable")
    return [`${name}${endpointText(endpoint)}: nobody answers (${look.why})`];
  if (look.kind === "failed") return [`${head} (${look.why})`];
  if (look.kind !== "seen")
    return [head, ...indented(`says ${wordsOf(look.reply.lines)}`), ...characterLines(result)];
  return [
    head,
    ...indented(`greets with ${wordsOf(look.banner.lines)}`),
    ...(look.names.assumed
      ? indented(
          `no domain of it was named (--domain): ${look.names.domain} was taken for one, so tricks with its own domain may have missed`,
        )
      : []),
    ...indented(countsText(result)),
    ...(visited.gaveUp === undefined
      ? []
      : indented(`not tested to the end: ${visited.gaveUp.why}`)),
    ...characterLines(result),
    ...result.openings.flatMap((one) => openingLines(one, result)),
    ...untriedLines(result),
  ];
}

function countsText({ cases }: EndpointResult): string {
  const counts = GRADES.toReversed()
    .map((grade) => ({ grade, count: cases.filter((one) => one.grade === grade).length }))
    .filter(({ count }) => count > 0)
    .map(({ grade, count }) => `${count} ${grade}`);
  const vectors = new Set(cases.map(({ vector }) => vector)).size;
  return `${vectors} vectors in ${cases.length} tries: ${counts.join(", ")}`;
}

function characterLines({ character }: EndpointResult): readonly string[] {
  return character.flatMap(({ trait, why }) => indented(`${trait}: ${why}`));
}

/** Vectors that are named for a hole. */
const NAMED_LIMIT = 12;

function openingLines(opening: Opening, { visited, cases }: EndpointResult): readonly string[] {
  const banner = visited.look.kind === "seen" ? wordsOf(visited.look.banner.lines) : "";
  const { wrong, todo } = mendingOf(opening, serverKind(banner));
  const named = opening.vectors.slice(0, NAMED_LIMIT).join(", ");
  const more = opening.vectors.length - NAMED_LIMIT;
  const example = cases.find(
    ({ vector, grade, returned }) =>
      vector === opening.vectors[0] && (grade === opening.grade || returned.length > 0),
  );
  return [
    "",
    ...indented(`${HOLE_HEADS[opening.grade]} (${opening.name}): ${wrong}`),
    ...indented(`shown by ${named}${more > 0 ? ` and ${more} more` : ""}`, 4),
    ...(example === undefined ? [] : evidenceLines(example)),
    ...todo.flatMap((text) => wrapped(`- ${text}`, "    ")),
  ];
}

const HOLE_HEADS: Readonly<Record<Grade, string>> = {
  relayed: "HOLE",
  accepted: "suspected, a message was taken",
  accepts: "suspected, a recipient was taken",
  closed: "",
  weak: "a nuisance to others",
  inconclusive: "",
};

function evidenceLines({ title, manner, endpoint, returned }: CaseResult): readonly string[] {
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

function untriedLines({ visited }: EndpointResult): readonly string[] {
  const { untried } = visited.plan;
  if (untried.size === 0) return [];
  return [
    "",
    "  not tried from outside:",
    ...[...untried].flatMap(([why, ids]) => indented(`${ids.length} vectors: ${why}`, 4)),
  ];
}

function outputLines({ outputs }: TestResult): readonly string[] {
  if (outputs.length === 0) return [];
  return [
    "",
    ...wrapped(
      `Messages came back from ${outputs.join(", ")}, where none was given in: they go over several servers, and each that trusts the next belongs to the hole.`,
      "",
    ),
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
