/**
 * The health of one list: what has been seen of it goes in, event by event, and whether it has a vote comes out. Promises: pure (the
 * same events make the same health), bounded, JSON-safe; a list that is found ill has no vote from that event on, and what it
 * has said before counts no more; it comes back by itself after it has been in order for as long as its ailment asks.
 */
import { isAtLeast, type Ip } from "../../mail/index.ts";
import { placeOf } from "./first-hits.ts";
import { clean, fallen, silentAfter, type HealthChange } from "./health-change.ts";
import { HEALTH_LIMITS, type HealthLimits } from "./health-limits.ts";
import {
  answerFault,
  answersOf,
  canaryFault,
  isClean,
  isFailure,
  probeFault,
  type ProbeFindings,
} from "./health-probe.ts";
import { doubtOf, withOther, withSubject } from "./health-rate.ts";
import type { ListHealth } from "./health-state.ts";
import type { ListAnswer } from "./reading.ts";
import type { ListEvent } from "./watch.ts";

export type HealthEvent =
  | ListEvent
  | { readonly kind: "probe"; readonly at: number; readonly findings: ProbeFindings }
  /** Another list that is well has spoken about somebody whom this one was asked about. */
  | { readonly kind: "other list"; readonly place: string; readonly isListed: boolean };

export type HealthReducer = typeof afterEvent;

/** Of what the newest latency counts in the average. */
const LATENCY_SHARE = 0.1;

const HOUR_MS = 3_600_000;

export function afterEvent(
  health: ListHealth,
  event: HealthEvent,
  limits: HealthLimits = HEALTH_LIMITS,
): ListHealth {
  switch (event.kind) {
    case "answer":
      return afterAnswer(health, event, limits);
    case "witness":
      return afterWitness(health, event, limits);
    case "probe":
      return afterProbe(health, event, limits);
    case "good client hit":
      return afterKnownCaller(health, event, limits);
    case "other list":
      return { ...health, hits: withOther(health.hits, event.place, event.isListed) };
  }
}

type EventOf<Kind extends HealthEvent["kind"]> = Extract<HealthEvent, { readonly kind: Kind }>;

function afterAnswer(
  before: ListHealth,
  { at, as, subject, by = "", answer, ms }: EventOf<"answer">,
  limits: HealthLimits,
): ListHealth {
  if (before.state === "sick") return before; // asked before it was found out
  const health = answered(before, { at, answer, ms }, limits);
  const fault = answerFault(answer);
  if (fault !== undefined) return fallen(health, { ...fault, at }, limits);
  if (answer.kind === "error") return health;
  if (as === "hop") return health; // whose addresses these are is anybody's to write
  const named = subject.kind === "name" && { by };
  const seen = { place: placeOf(subject), at, isHit: answer.kind === "listed", ...named };
  const hits = withSubject(health.hits, seen, health.state === "well", limits);
  return doubted({ ...health, hits }, at, limits);
}

function afterWitness(
  before: ListHealth,
  { at, answer, ms }: EventOf<"witness">,
  limits: HealthLimits,
): ListHealth {
  const fault = canaryFault(answer, "what nobody can have listed, asked right after a hit");
  const health = before.state === "sick" ? before : answered(before, { at, answer, ms }, limits);
  return fault === undefined ? health : fallen(health, { ...fault, at }, limits);
}

function afterProbe(
  before: ListHealth,
  { at, findings }: EventOf<"probe">,
  limits: HealthLimits,
): ListHealth {
  const { servers } = before;
  const counted = answersOf(findings).reduce(
    (health, answer) => answered(health, { at, answer, ms: findings.ms }, limits),
    before,
  );
  const fault = probeFault(findings, servers);
  const found = fault?.why ?? (isClean(findings, servers) ? "in order" : "not all was answered");
  const health: ListHealth = {
    ...counted,
    servers: findings.servers.length > 0 ? findings.servers : servers,
    lastProbe: { at, found },
  };
  if (fault !== undefined)
    return { ...fallen(health, { ...fault, at }, limits), badProbes: before.badProbes + 1 };
  if (isClean(findings, servers)) return clean(health, at, limits);
  if (health.ailment === undefined) return health;
  const { cleanSince: _, ...ill } = health;
  return { ...ill, badProbes: before.badProbes + 1 };
}

/**
 * A caller whose name is certified can be a spammer; several, of several networks, that one list has and no other are not likely to be.
 * Whom another list has too, it is not told; whom the operator knows is not asked about.
 */
function afterKnownCaller(
  before: ListHealth,
  { at, client, level }: EventOf<"good client hit">,
  limits: HealthLimits,
): ListHealth {
  if (!isAtLeast(level, "certificate")) return before;
  const since = at - limits.knownCallerHours * HOUR_MS;
  const place = clientPlace(client);
  const others = before.knownCallers.filter(
    (one) => clientPlace(one.client) !== place && one.at >= since,
  );
  const knownCallers = [...others, { client, at }].slice(-limits.knownCallers);
  const health = { ...before, knownCallers };
  if (knownCallers.length < limits.knownCallers) return health;
  const [first] = knownCallers;
  const why = `it lists ${knownCallers.length} callers whose names are certified: ${knownCallers.map((one) => one.client).join(", ")}`;
  const fault = { ailment: "lists known callers", why } as const;
  return fallen(health, { ...fault, at, from: first?.at ?? at }, limits);
}

function clientPlace(ip: Ip): string {
  return placeOf({ kind: "address", ip });
}

/** Whatever was said: whether it was said in time, and whether the list knows what it says. */
function answered(
  before: ListHealth,
  { at, answer, ms }: { readonly at: number; readonly answer: ListAnswer; readonly ms: number },
  limits: HealthLimits,
): ListHealth {
  const health = withCode(before, answer, at, limits);
  if (answer.kind === "error" && !isFailure(answer)) return health;
  const failed = isFailure(answer);
  const slow = ms >= limits.slowMs;
  const failures = failed || slow ? health.failures + 1 : 0;
  const latencyMs = failed
    ? health.latencyMs
    : Math.round((health.latencyMs ?? ms) * (1 - LATENCY_SHARE) + ms * LATENCY_SHARE);
  const counted = { ...health, failures, ...(latencyMs !== undefined && { latencyMs }) };
  return silentAfter(counted, { at, answer, limits });
}

function withCode(
  health: ListHealth,
  answer: ListAnswer,
  at: number,
  { unknownCodes: limit }: HealthLimits,
): ListHealth {
  if (answer.kind !== "error" || answer.why !== "unknown code") return health;
  const { code = "?" } = answer;
  const count = (health.unknownCodes.find((one) => one.code === code)?.count ?? 0) + 1;
  const others = health.unknownCodes.filter((one) => one.code !== code);
  return { ...health, unknownCodes: [...others, { code, count, lastAt: at }].slice(-limit) };
}

/** Only what has a vote, or is about to get it back, is held against what is usual. */
function doubted(health: ListHealth, at: number, limits: HealthLimits): ListHealth {
  const doubt = doubtOf(health.hits, health.since, limits);
  if (doubt === undefined || health.state === "unproven") return health;
  const { subjects, hits } = health.hits.before;
  const why = `it lists ${doubt.hits} of the last ${doubt.subjects} that it was asked about; usual are ${((100 * hits) / subjects).toFixed(1)} %`;
  const change: HealthChange = { ailment: "lists unusually many", why, at, from: doubt.from };
  return fallen(health, change, limits);
}
