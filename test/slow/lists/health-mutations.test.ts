/** Each guard of the health of lists is taken away, and the death of the list that it is for shows that it is missing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  afterEvent,
  HEALTH_LIMITS,
  type HealthEvent,
  type HealthLimits,
  type HealthReducer,
  type ListAnswer,
} from "../../../src/policy/lists/index.ts";
import { DEATHS } from "../../service/lists/deaths.ts";
import { expectNobodyWronged, run, type Missing } from "../../service/lists/replay-cases.ts";

interface Mutation extends Missing {
  readonly guard: string;
  /** How the name of the death begins that misses it. */
  readonly missedBy: string;
}

const CLEAR: ListAnswer = { kind: "clear" };
const LISTED: ListAnswer = { kind: "listed", codes: ["127.0.0.2"] };

/** Does not see what the guard would. */
function blind(see: (event: HealthEvent) => HealthEvent | undefined): HealthReducer {
  return (health, event, limits) => {
    const seen = see(event);
    return seen === undefined ? health : afterEvent(health, seen, limits);
  };
}

function withLimits(limits: Partial<HealthLimits>): HealthReducer {
  return (health, event) => afterEvent(health, event, { ...HEALTH_LIMITS, ...limits });
}

/** An answer that the guard would have taken for an error. */
function unseen(why: "outside 127/8" | "error code"): HealthReducer {
  const blinded = (answer: ListAnswer): ListAnswer =>
    answer.kind === "error" && answer.why === why ? CLEAR : answer;
  return blind((event) => {
    if (event.kind === "answer") return { ...event, answer: blinded(event.answer) };
    if (event.kind !== "probe") return event;
    const { listed, unlisted, canaries } = event.findings;
    return {
      ...event,
      findings: {
        ...event.findings,
        listed: listed.kind === "error" && listed.why === why ? LISTED : listed,
        unlisted: blinded(unlisted),
        canaries: canaries.map(blinded),
      },
    };
  });
}

function probing(
  findings: Partial<Extract<HealthEvent, { kind: "probe" }>["findings"]>,
): HealthReducer {
  return blind((event) =>
    event.kind === "probe" ? { ...event, findings: { ...event.findings, ...findings } } : event,
  );
}

const NO_PROBATION = Object.fromEntries(
  Object.keys(HEALTH_LIMITS.probationMinutes).map((ailment) => [ailment, 0]),
) as HealthLimits["probationMinutes"]; // the same keys

const MUTATIONS: readonly Mutation[] = [
  {
    guard: "the entry that each list has",
    reduce: probing({ listed: LISTED }),
    missedBy: "SORBS 2024",
  },
  {
    guard: "the entry that no list has",
    reduce: probing({ unlisted: CLEAR }),
    missedBy: "a list that lists the lower half",
  },
  {
    guard: "canaries",
    reduce: probing({ canaries: [CLEAR, CLEAR, CLEAR] }),
    missedBy: "a wildcard that is there before anybody writes",
  },
  {
    guard: "servers of the zone",
    reduce: probing({ servers: [] }),
    missedBy: "sold to somebody",
  },
  {
    guard: "the witness of a hit",
    reduce: blind((event) => (event.kind === "witness" ? undefined : event)),
    missedBy: "from one question to the next",
  },
  { guard: "only 127/8", reduce: unseen("outside 127/8"), missedBy: "SpamCop 2021: expired" },
  { guard: "error codes", reduce: unseen("error code"), missedBy: "Spamhaus through" },
  {
    guard: "hit rate",
    reduce: withLimits({ doubt: Infinity }),
    missedBy: "a list that lists a fifth of the world, canaries",
  },
  {
    guard: "one list alone shows first that it is as usual",
    credulous: true,
    missedBy: "a list that lists a fifth of the world, at a site to which",
  },
  {
    guard: "callers that are well known",
    reduce: blind((event) => (event.kind === "good client hit" ? undefined : event)),
    missedBy: "a list that lists callers with certificates",
  },
  {
    guard: "circuit breaker",
    reduce: withLimits({ failures: Infinity }),
    missedBy: "a list that answers after ten seconds",
  },
  {
    guard: "trial of what is silent",
    reduce: (health, event, limits) =>
      health.state === "sick" && event.kind === "probe"
        ? health
        : afterEvent(health, event, limits),
    missedBy: "a list that is silent for an hour",
  },
  {
    guard: "probation",
    reduce: withLimits({ probationMinutes: NO_PROBATION }),
    missedBy: "a list that lists the world every other hour",
  },
  {
    guard: "a sick list has no vote and is not asked",
    reduce: (health, event, limits) => ({ ...afterEvent(health, event, limits), state: "well" }),
    missedBy: "the DNS is wholly down",
  },
];

for (const { guard, missedBy, ...missing } of MUTATIONS)
  test(`without the guard "${guard}": ${missedBy} …`, async () => {
    const death = DEATHS.find(({ name }) => name.startsWith(missedBy));
    assert.ok(death !== undefined, "it is one of them");
    const outcome = await run(death, missing);
    assert.throws(() => {
      expectNobodyWronged(outcome);
      death.expect(outcome);
    }, assert.AssertionError);
  });
