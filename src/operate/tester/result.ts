/** The result of a test: what was tried put together with what came back, by endpoint, with the worst as the grade. */
import type { Domain, Ip } from "../../mail/index.ts";
import { characterOf, type Character } from "./character.ts";
import { visitedAgain, type Found, type WayBack } from "./found.ts";
import { verdictOf, worst, type Grade, type Verdict } from "./grade.ts";
import { endpointText, isForUsers, type Endpoint } from "./machine.ts";
import type { ExpectedCase, TriedCase } from "./memory.ts";
import { openingsOf, type Opening } from "./openings.ts";
import type { Returned } from "./returns.ts";
import type { Token } from "./token.ts";
import type { Visited } from "./visit.ts";

export interface CaseResult extends TriedCase {
  /** What came back of it. */
  readonly returned: readonly Returned[];
}

export interface EndpointResult {
  readonly endpoint: Endpoint;
  readonly visited: Visited;
  readonly grade: Grade;
  readonly cases: readonly CaseResult[];
  readonly character: readonly Character[];
  readonly openings: readonly Opening[];
}

export interface TestResult {
  readonly id: string;
  readonly target: string;
  readonly foreign: Domain;
  readonly wayBack?: WayBack;
  readonly grade: Grade;
  readonly verdict: Verdict;
  readonly endpoints: readonly EndpointResult[];
  /** What was not tested at all, in words: the rest may be closed, the whole is not. */
  readonly unfinished: readonly string[];
  /** Addresses that messages came back from and that were not tested: the way goes over several servers. */
  readonly outputs: readonly Ip[];
}

/** What the memory has of a test beside its own row. */
export interface Remembered {
  readonly returns: readonly Returned[];
  /** Cases without a result. */
  readonly cut: readonly ExpectedCase[];
}

/** The result of a test that was kept, with what has come back until now. */
export function resultAsOfNow(
  test: { readonly id: string; readonly target: string },
  { visits, ...found }: Found,
  tried: readonly TriedCase[],
  remembered: Remembered,
): TestResult {
  const byEndpoint = Map.groupBy(tried, ({ endpoint }) => endpoint);
  const visited = visits.map((one) =>
    visitedAgain(one, byEndpoint.get(endpointText(one.endpoint)) ?? []),
  );
  return resultOf({ ...test, ...found }, visited, remembered);
}

/** Nothing was left. */
export function isWhole({ endpoints }: TestResult): boolean {
  return endpoints.every(({ visited }) => visited.gaveUp === undefined);
}

export function resultOf(
  test: Pick<TestResult, "id" | "target" | "foreign" | "wayBack" | "unfinished">,
  visits: readonly Visited[],
  { returns, cut }: Remembered,
): TestResult {
  const byToken = Map.groupBy(returns, ({ token }) => token);
  const back = cut.filter(({ token }) => byToken.has(token)).map(cutOffCase);
  const endpoints = visits.map((visited) => {
    const where = endpointText(visited.endpoint);
    const proved = back.filter(({ endpoint }) => endpoint === where);
    return endpointResult({ ...visited, tried: [...visited.tried, ...proved] }, byToken);
  });
  const grade = totalOf(endpoints, test.unfinished);
  const tested = new Set<Ip>(visits.map(({ endpoint }) => endpoint.ip));
  return {
    id: test.id,
    target: test.target,
    foreign: test.foreign,
    ...(test.wayBack !== undefined && { wayBack: test.wayBack }),
    grade,
    verdict: verdictOf(grade),
    endpoints,
    unfinished: test.unfinished,
    outputs: [...new Set(returns.map(({ from }) => from))].filter((ip) => !tested.has(ip)),
  };
}

function cutOffCase(expected: ExpectedCase): TriedCase {
  return {
    ...expected,
    grade: "inconclusive",
    reason: "the test was interrupted while it was tried",
  };
}

function endpointResult(
  visited: Visited,
  byToken: ReadonlyMap<Token, readonly Returned[]>,
): EndpointResult {
  const cases = visited.tried.map((tried) => withReturns(tried, byToken.get(tried.token) ?? []));
  const { look, busy, slowestMs } = visited;
  const relayed = new Set(
    cases.filter(({ grade }) => grade === "relayed").map(({ token }) => token),
  );
  const character = characterOf({
    forUsers: isForUsers(visited.endpoint),
    ...(look.kind === "turned away" && { turnedAway: look.reply }),
    ...(look.kind === "seen" && look.known !== undefined && { known: look.known }),
    ...(look.kind === "seen" && look.unknown !== undefined && { unknown: look.unknown }),
    ...(visited.gaveUp?.blocked !== undefined && { blocked: visited.gaveUp.blocked }),
    busy,
    slowestMs,
    tried: cases,
    relayed,
  });
  return {
    endpoint: visited.endpoint,
    visited,
    grade: gradeOfEndpoint(visited, cases, character),
    cases,
    character,
    openings: openingsOf(cases),
  };
}

function withReturns(tried: TriedCase, returned: readonly Returned[]): CaseResult {
  if (returned.some(({ kind }) => kind === "relay"))
    return { ...tried, grade: "relayed", returned };
  if (returned.length === 0 || tried.grade !== "closed") return { ...tried, returned };
  return {
    ...tried,
    grade: "weak",
    reason: "it reported to a sender that may be forged",
    returned,
  };
}

/** Where nobody listens nothing can be relayed; where the talk could not be had, or not to its end, nobody knows. */
function gradeOfEndpoint(
  { look, gaveUp }: Visited,
  cases: readonly CaseResult[],
  character: readonly Character[],
): Grade {
  const grades = cases.map(({ grade }) => grade);
  // Who refuses or puts off his own people's mail too says nothing by refusing others'.
  const refused = character.some(
    ({ trait }) => trait === "refuses only the tester" || trait === "greylister",
  );
  const unknown = refused || look.kind !== "seen" || gaveUp !== undefined || cases.length === 0;
  return worst(unknown ? [...grades, "inconclusive"] : grades);
}

function totalOf(endpoints: readonly EndpointResult[], unfinished: readonly string[]): Grade {
  const talked = endpoints.filter(({ visited }) => visited.look.kind !== "unreachable");
  const grades = talked.map(({ grade }) => grade);
  const whole = talked.length > 0 && unfinished.length === 0;
  return worst(whole ? grades : [...grades, "inconclusive"]);
}
