/**
 * How much one network may send, by how well it is known who is there. Every recipient that it asks for counts, taken or not; what
 * comes beyond a limit does not, so the limit ends by itself. Asked of strangers on public addresses alone: within, and behind a NAT,
 * one address may be everybody. How well it is known is asked only where the limit for anybody is reached.
 */
import { siteNetwork, status, type IdentityLevel, type Status } from "../../mail/index.ts";
import { waitMs, type Counted } from "../../runtime/index.ts";
import { clientClass } from "./client.ts";
import { decide } from "./decision-table.ts";
import { isEvidence, type RecipientSubject } from "./recipient.ts";
import { HOUR_MS } from "./sending-windows.ts";
import type { Check, Verdict } from "./verdict.ts";

/** Of an hour; Infinity: no limit. */
export interface RateLimits {
  readonly messages: number;
  readonly recipients: number;
  /** Where they are set, dotted; "" where they are not. */
  readonly table: string;
}

export type Rated = "messages" | "recipients";

/** Who counts; handed in. */
export interface Rates {
  limits(level: IdentityLevel): RateLimits;
  count(network: string, what: Rated): void;
  /** Without this one, in stretches of an hour. */
  counted(network: string, what: Rated): Counted;
}

/** Passed milliseconds, counts of the stretch before and of the present one. */
type Stretch = readonly [passedMs: number, before: number, present: number];

/** Empty of whom is not counted. */
export type RateFacts = {
  readonly network?: string;
  /** Only where the limit for anybody was reached. */
  readonly level?: IdentityLevel;
  /** Absent of all recipients of a message but the first. */
  readonly messages?: Stretch;
  readonly recipients?: Stretch;
};

/** As the journal shows it; empty where there is room. */
type RateEvidence = {
  readonly network?: string;
  readonly level?: IdentityLevel;
  /** The limit that is reached, in words. */
  readonly reached?: string;
  readonly minutesLeft?: number;
};

const NAME = "rates";
const MINUTE_MS = 60_000;

export function ratesCheck(rates: Rates): Check<RecipientSubject, RateFacts> {
  return {
    name: NAME,
    gather: (subject) => gather(subject, rates),
    judge: (facts) => judge(facts, rates),
    // How well it was known is asked where it mattered then; of others with a higher limit it may matter now.
    suffices: (facts) =>
      facts.level !== undefined || reached(facts, rates.limits("none")) === undefined,
    otherwise: ({ level = "none" }) => [
      "fewer from this network within the hour, or the same later",
      ...(level === "none"
        ? [
            "a client that is known better: by a name of its address that leads back to it, or a certificate",
          ]
        : []),
    ],
  };
}

function gather(subject: RecipientSubject, rates: Rates): RateFacts | Promise<RateFacts> {
  const { client, level, earlier } = subject;
  // One recipient counts once, as whatever it is judged; the facts of then let it be judged again as it was.
  if (earlier !== undefined)
    return (earlier.find(({ check }) => check === NAME)?.facts as RateFacts | undefined) ?? {}; // its own
  if (clientClass(client) !== "public address" || isEvidence(subject)) return {};
  const network = siteNetwork(client.ip);
  const rated: readonly Rated[] = beginsMessage(subject)
    ? ["messages", "recipients"]
    : ["recipients"];
  const counts = Object.fromEntries(
    rated.map((what) => [what, stretchOf(rates.counted(network, what))]),
  );
  const facts: RateFacts = { network, ...counts };
  const judged = (told: RateFacts): RateFacts => {
    const over = reached(told, rates.limits(told.level ?? "none")) !== undefined;
    if (!over) for (const what of rated) rates.count(network, what);
    return told;
  };
  if (reached(facts, rates.limits("none")) === undefined) return judged(facts);
  const known = level?.() ?? "none";
  return known instanceof Promise
    ? known.then((late) => judged({ ...facts, level: late }))
    : judged({ ...facts, level: known });
}

/** A message is counted with its first recipient, and may then have its others. */
function beginsMessage({ client, route, recipientsBefore }: RecipientSubject): boolean {
  return recipientsBefore === 0 && decide(clientClass(client), route.recipient).kind !== "refuse";
}

function stretchOf({ passedMs, before, present }: Counted): Stretch {
  return [Math.floor(passedMs), before, present];
}

interface Reached {
  readonly what: Rated;
  readonly limit: number;
  readonly minutesLeft: number;
}

/** Of two limits, the one that ends later. */
function reached(facts: RateFacts, limits: RateLimits): Reached | undefined {
  const waits = (["messages", "recipients"] as const).flatMap((what): readonly Reached[] => {
    const { [what]: stretch } = facts;
    if (stretch === undefined) return [];
    const [passedMs, before, present] = stretch;
    const ms = waitMs({ passedMs, before, present }, limits[what] - 1, HOUR_MS);
    return [{ what, limit: limits[what], minutesLeft: Math.ceil(ms / MINUTE_MS) }];
  });
  const [last] = waits.toSorted((a, b) => b.minutesLeft - a.minutesLeft);
  return last === undefined || last.minutesLeft === 0 ? undefined : last;
}

function judge(facts: RateFacts, rates: Rates): Verdict {
  const { network = "", level = "none" } = facts;
  const limits = rates.limits(level);
  const over = reached(facts, limits);
  if (over === undefined) return { action: "continue", check: NAME, evidence: {} };
  const { what, limit, minutesLeft } = over;
  const evidence = { network, level, reached: `${limit} ${what} an hour`, minutesLeft };
  const setting = { key: `${limits.table}.${what}_per_hour`, value: limit };
  return { action: "defer", check: NAME, status: tooMuch(evidence), evidence, setting };
}

function tooMuch({ network, reached: limit, minutesLeft = 0 }: RateEvidence): Status {
  const minutes = minutesLeft === 1 ? "a minute" : `${minutesLeft} minutes`;
  const words = `your network ${network} has reached its limit of ${limit}; try again in ${minutes}`;
  return status(450, "4.7.1", words, "policy/rates");
}
