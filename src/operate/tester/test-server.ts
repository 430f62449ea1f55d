/**
 * A whole test: every endpoint of a target visited, one after the other; then the wait for what comes back; then all of it together,
 * with the worst as the grade.
 */
import type { Domain, Ip } from "../../mail/index.ts";
import { characterOf, type Character } from "./character.ts";
import { verdictOf, worst, type Grade, type Verdict } from "./grade.ts";
import { endpointText, type Endpoint, type Machine } from "./machine.ts";
import type { TestMemory, TriedCase } from "./memory.ts";
import { openingsOf, type Opening } from "./openings.ts";
import type { Returned } from "./returns.ts";
import { Visit, type Visited, type VisitOptions } from "./visit.ts";

export interface TestOptions extends VisitOptions {
  /** The server in its canonical form. */
  readonly about: Domain | Ip;
  /** As it was asked for. */
  readonly target: string;
  readonly endpoints: readonly Endpoint[];
  /** Parts of the target that could not be found, in words. */
  readonly problems?: readonly string[];
  /** Under which it is remembered; the id of one that was interrupted goes on with it. */
  readonly id: string;
  /** Mail for the tester's domain reaches `memory`; left out, no message can prove anything. */
  readonly wayBack?: WayBack;
}

export interface WayBack {
  /** In words: "the sink on 192.0.2.9:25". */
  readonly name: string;
  /** How long is waited for messages that were taken, in milliseconds. */
  readonly waitMs: number;
}

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

const LOOK_INTERVAL_MS = 250;

/** How long is waited for what only might come back, in milliseconds: messages that the server took for its own people. */
const SETTLE_MS = 2000;

/** How long after the last one that came back, in milliseconds: the others are not on the same way. */
const QUIET_MS = 3000;

export async function testServer(
  options: TestOptions,
  machine: Machine,
  memory: TestMemory,
): Promise<TestResult> {
  const { id, about, target } = options;
  await memory.begin({ id, about, target, at: machine.clock.now() });
  const visits: Visited[] = [];
  for (const endpoint of options.endpoints)
    if (options.stopped?.() !== true)
      visits.push(await new Visit(endpoint, id, options, machine, memory).run());
  const interrupted = options.stopped?.() === true;
  const returns = await comeBack(visits, options, machine, memory);
  const endpoints = visits.map((visited) => endpointResult(visited, returns));
  const unfinished = [
    ...(options.problems ?? []),
    ...(interrupted ? leftOver(options.endpoints.slice(visits.length)) : []),
    ...(!interrupted && options.stopped?.() === true
      ? [`what else comes back ${INTERRUPTED}`]
      : []),
  ];
  const grade = totalOf(endpoints, unfinished);
  const tested = new Set<Ip>(options.endpoints.map(({ ip }) => ip));
  return {
    target,
    foreign: options.foreign,
    ...(options.wayBack !== undefined && { wayBack: options.wayBack }),
    grade,
    verdict: verdictOf(grade),
    endpoints,
    unfinished,
    outputs: [...new Set(returns.map(({ from }) => from))].filter((ip) => !tested.has(ip)),
  };
}

const INTERRUPTED = "(the test was interrupted)";

function leftOver(endpoints: readonly Endpoint[]): readonly string[] {
  return [`${["the rest", ...endpoints.map(endpointText)].join(", ")} ${INTERRUPTED}`];
}

/** Waits until all that was taken is back, or the time is over. */
async function comeBack(
  visits: readonly Visited[],
  { id, wayBack, stopped }: TestOptions,
  machine: Machine,
  memory: TestMemory,
): Promise<readonly Returned[]> {
  const taken = new Set(
    visits.flatMap(({ tried }) =>
      tried.filter(({ grade }) => grade === "accepted").map(({ token }) => token),
    ),
  );
  if (wayBack === undefined) return memory.returnsOf(id);
  const began = machine.clock.elapsed();
  let last = { count: 0, at: began };
  for (;;) {
    const returns = await memory.returnsOf(id);
    // A report says nothing about where the message itself is: only messages end the wait for one.
    const relays = returns.filter(({ kind }) => kind === "relay");
    const back = new Set(relays.map(({ token }) => token));
    const missing = [...taken].some((token) => !back.has(token));
    const now = machine.clock.elapsed();
    if (relays.length > last.count) last = { count: relays.length, at: now };
    const patienceMs = missing ? wayBack.waitMs : Math.min(wayBack.waitMs, SETTLE_MS);
    const quiet = last.count > 0 && now - last.at >= QUIET_MS;
    if (quiet || now - began >= patienceMs || stopped?.() === true) return returns;
    await machine.sleep(LOOK_INTERVAL_MS, stopped);
  }
}

function endpointResult(visited: Visited, returns: readonly Returned[]): EndpointResult {
  const byToken = Map.groupBy(returns, ({ token }) => token);
  const cases = visited.tried.map((tried) => withReturns(tried, byToken.get(tried.token) ?? []));
  const { look, busy, slowestMs } = visited;
  const relayed = new Set(
    cases.filter(({ grade }) => grade === "relayed").map(({ token }) => token),
  );
  const character = characterOf({
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
