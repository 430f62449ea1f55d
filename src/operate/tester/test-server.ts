/**
 * A whole test: every endpoint of a target visited, one after the other; then the wait for what comes back; then all of it together,
 * with the worst as the grade.
 */
import type { Domain, Ip } from "../../mail/index.ts";
import { keptVisit, type Found, type KeptVisit, type WayBack } from "./found.ts";
import type { Grade } from "./grade.ts";
import { endpointText, type Endpoint, type Machine } from "./machine.ts";
import type { TestMemory } from "./memory.ts";
import { isWhole, resultOf, type TestResult } from "./result.ts";
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
  /** Under which it is remembered. */
  readonly id: string;
  /** Plain data: what it takes to go on with it. */
  readonly asked?: unknown;
  /** It has begun already, and was interrupted: what was found before. */
  readonly before?: readonly KeptVisit[];
  /** Told the id once it has begun. */
  readonly begun?: (id: string) => void;
  /** Mail for the tester's domain reaches `memory`; left out, no message can prove anything. */
  readonly wayBack?: WayBack;
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
  const { id, about, target, asked = null, before, begun } = options;
  if (before === undefined)
    await memory.begin({ id, about, target, at: machine.clock.now(), asked });
  begun?.(id);
  const visits = await visitAll(options, machine, memory);
  const interrupted = options.stopped?.() === true;
  const returns = await comeBack(visits, options, machine, memory);
  const cut = await memory.cutOff(id);
  const unfinished = [
    ...(options.problems ?? []),
    ...(interrupted ? leftOver(options.endpoints.slice(visits.length)) : []),
    ...(!interrupted && options.stopped?.() === true
      ? [`what else comes back ${INTERRUPTED}`]
      : []),
  ];
  const result = resultOf({ ...options, unfinished }, visits, { returns, cut });
  const ended = isWhole(result) && options.stopped?.() !== true;
  const found = foundOf(options, { visits: visits.map(keptVisit), unfinished }, result.grade);
  await memory.conclude(id, found, ended ? machine.clock.now() : undefined);
  return result;
}

/** What there is to say if the test ends in the middle is kept when each server has been looked at. */
async function visitAll(
  options: TestOptions,
  machine: Machine,
  memory: TestMemory,
): Promise<readonly Visited[]> {
  const { id, endpoints, before = [], problems = [], stopped } = options;
  const visits: Visited[] = [];
  for (const endpoint of endpoints) {
    if (stopped?.() === true) break;
    const where = endpointText(endpoint);
    const looked = (now: Visited): Promise<void> => {
      const left = endpoints.slice(visits.length + 1);
      const later = before.filter((one) =>
        left.some((other) => endpointText(other) === endpointText(one.endpoint)),
      );
      const unfinished = [...problems, ...leftOver(left)];
      const so = { visits: [...[...visits, now].map(keptVisit), ...later], unfinished };
      return memory.conclude(id, foundOf(options, so, "inconclusive"));
    };
    const visited = await new Visit(endpoint, id, { ...options, looked }, machine, memory).run();
    const last = before.find((one) => endpointText(one.endpoint) === where);
    visits.push(last === undefined ? visited : withEarlier(visited, last));
  }
  return visits;
}

/** How a server was before an interruption belongs to what it is. */
function withEarlier(now: Visited, { busy, slowestMs }: KeptVisit): Visited {
  return { ...now, busy: now.busy + busy, slowestMs: Math.max(now.slowestMs, slowestMs) };
}

function foundOf(
  { foreign, wayBack }: TestOptions,
  so: Pick<Found, "visits" | "unfinished">,
  grade: Grade,
): Found {
  return { foreign, ...(wayBack !== undefined && { wayBack }), grade, ...so };
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
