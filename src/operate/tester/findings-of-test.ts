/** A test's result in the words that every report of it has. */
import { byVector, type Findings, type Hole, type Place } from "./findings.ts";
import { GRADES, wordsOf, worst, type Grade } from "./grade.ts";
import { endpointText } from "./machine.ts";
import { mendingOf } from "./mending.ts";
import type { Opening } from "./openings.ts";
import { serverKind } from "./server-kind.ts";
import type { EndpointResult, TestResult } from "./result.ts";

export function testFindings(result: TestResult): Findings {
  return {
    target: result.target,
    verdict: result.verdict,
    headline: headline(result),
    unfinished: result.unfinished,
    notes: [...wayBackNotes(result), ...outputNotes(result)],
    places: result.endpoints.map(placeOf),
  };
}

/** "OPEN RELAY: …", and what was not tested. */
export function summary(result: TestResult): readonly string[] {
  return [headline(result), ...unfinishedLines(result)];
}

export function unfinishedLines({ unfinished }: Pick<Findings, "unfinished">): readonly string[] {
  return unfinished.map((what) => `Not tested: ${what}.`);
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

function wayBackNotes({ wayBack, foreign, grade }: TestResult): readonly string[] {
  if (wayBack !== undefined)
    return [
      `Messages were addressed to ${foreign}. The way back: ${wayBack.name}.`,
      ...(wayBack.doubts ?? []).map((doubt) => `What comes back may not be seen: ${doubt}.`),
    ];
  if (grade === "relayed") return [];
  return [
    `There was no way back: messages were addressed to ${foreign}, and nobody sees whether one arrives. The best that can be said of a message that was taken is "accepted".`,
  ];
}

function outputNotes({ outputs }: TestResult): readonly string[] {
  if (outputs.length === 0) return [];
  return [
    `Messages came back from ${outputs.join(", ")}, where none was given in: they go over several servers, and each that trusts the next belongs to the hole.`,
  ];
}

function placeOf(result: EndpointResult): Place {
  const { endpoint, visited, grade, cases, character, openings } = result;
  const { look, plan } = visited;
  const name = endpoint.host === undefined ? "" : `${endpoint.host} `;
  const doubt = doubtOf(result);
  return {
    name: `${name}${endpointText(endpoint)}`,
    grade,
    ...(look.kind === "unreachable" && { unheard: look.why }),
    ...(doubt !== undefined && { doubt }),
    facts: factsOf(result),
    character,
    holes: openings.map((opening) => holeOf(opening, result)),
    vectors: byVector(cases, ({ vector }) => vector),
    untried: plan.untried,
  };
}

/** An endpoint may be worth less than what it said to each case: it was not tested to the end, or refuses everybody. */
function doubtOf({ grade, cases, visited, character }: EndpointResult): string | undefined {
  if (cases.length > 0 && grade === worst(cases.map((one) => one.grade))) return undefined;
  const { look, gaveUp } = visited;
  if (gaveUp !== undefined) return `not tested to the end: ${gaveUp.why}`;
  if ("why" in look) return look.why;
  const whys = character.map(({ trait, why }) => `${trait}: ${why}`);
  if (whys.length > 0) return whys.join("; ");
  return "reply" in look ? `it says ${wordsOf(look.reply.lines)}` : "nothing could be tried there";
}

function factsOf({ visited, cases }: EndpointResult): readonly string[] {
  const { look, gaveUp } = visited;
  if (look.kind === "unreachable") return [];
  if (look.kind === "failed") return [look.why];
  if (look.kind !== "seen") return [`says ${wordsOf(look.reply.lines)}`];
  const { assumed, domain } = look.names;
  return [
    `greets with ${wordsOf(look.banner.lines)}`,
    ...(assumed
      ? [
          `no domain of it was named (--domain): ${domain} was taken for one, so tricks with its own domain may have missed`,
        ]
      : []),
    countsText(cases),
    ...(gaveUp === undefined ? [] : [`not tested to the end: ${gaveUp.why}`]),
  ];
}

function countsText(cases: EndpointResult["cases"]): string {
  const counts = GRADES.toReversed()
    .map((grade) => ({ grade, count: cases.filter((one) => one.grade === grade).length }))
    .filter(({ count }) => count > 0)
    .map(({ grade, count }) => `${count} ${grade}`);
  const vectors = new Set(cases.map(({ vector }) => vector)).size;
  return `${vectors} vectors in ${cases.length} tries: ${counts.join(", ")}`;
}

function holeOf(opening: Opening, { visited, cases }: EndpointResult): Hole {
  const banner = visited.look.kind === "seen" ? wordsOf(visited.look.banner.lines) : "";
  const { name, grade, vectors } = opening;
  const example = cases.find(
    (one) => one.vector === vectors[0] && (one.grade === grade || one.returned.length > 0),
  );
  return {
    name,
    grade,
    ...mendingOf(opening, serverKind(banner)),
    vectors,
    ...(example !== undefined && { example }),
  };
}
