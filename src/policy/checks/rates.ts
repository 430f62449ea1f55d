/**
 * How much one network may send, by how well it is known who is there. Every recipient that it asks for counts, taken or not; what
 * comes beyond a limit does not, so the limit ends by itself. Asked of strangers on public addresses alone: within, and behind a NAT,
 * one address may be everybody. How well it is known is asked only where the limit for anybody is reached.
 */
import { siteNetwork, status, type IdentityLevel, type Status } from "../../mail/index.ts";
import { clientClass } from "./client.ts";
import { decide } from "./decision-table.ts";
import type { RecipientSubject } from "./recipient.ts";
import type { Check, Verdict } from "./verdict.ts";

/** Of an hour; Infinity: no limit. */
export interface RateLimits {
  readonly messages: number;
  readonly recipients: number;
}

export type Rated = keyof RateLimits;

/** Who counts; handed in. */
export interface Rates {
  limits(level: IdentityLevel): RateLimits;
  count(network: string, what: Rated): void;
  /** Milliseconds until there is room for one more; 0: there is. */
  wait(network: string, what: Rated, limit: number): number;
}

/** Empty where there is room. */
export type RateFacts = {
  readonly network?: string;
  readonly level?: IdentityLevel;
  /** The limit that is reached, in words. */
  readonly reached?: string;
  readonly minutesLeft?: number;
};

const NAME = "rates";
const MINUTE_MS = 60_000;

export function ratesCheck(rates: Rates): Check<RecipientSubject, RateFacts> {
  return { name: NAME, gather: (subject) => gather(subject, rates), judge };
}

function gather(subject: RecipientSubject, rates: Rates): RateFacts | Promise<RateFacts> {
  const { client, level } = subject;
  if (clientClass(client) !== "public address") return {};
  const network = siteNetwork(client.ip);
  const rated: readonly Rated[] = beginsMessage(subject)
    ? ["messages", "recipients"]
    : ["recipients"];
  const judged = (known: IdentityLevel): RateFacts => {
    const over = reached(rates, network, rated, known);
    if (over !== undefined) return { network, level: known, ...over };
    for (const what of rated) rates.count(network, what);
    return {};
  };
  if (level === undefined || reached(rates, network, rated, "none") === undefined)
    return judged("none");
  const known = level();
  return known instanceof Promise ? known.then(judged) : judged(known);
}

/** A message is counted with its first recipient, and may then have its others. */
function beginsMessage({ client, route, recipientsBefore }: RecipientSubject): boolean {
  return recipientsBefore === 0 && decide(clientClass(client), route.recipient).kind !== "refuse";
}

type Reached = Required<Pick<RateFacts, "reached" | "minutesLeft">>;

/** Of two limits, the one that ends later. */
function reached(
  rates: Rates,
  network: string,
  rated: readonly Rated[],
  level: IdentityLevel,
): Reached | undefined {
  const limits = rates.limits(level);
  const waits = rated.map((what) => ({
    reached: `${limits[what]} ${what} an hour`,
    minutesLeft: Math.ceil(rates.wait(network, what, limits[what]) / MINUTE_MS),
  }));
  const [last] = waits.toSorted((a, b) => b.minutesLeft - a.minutesLeft);
  return last === undefined || last.minutesLeft === 0 ? undefined : last;
}

function judge(facts: RateFacts): Verdict {
  return facts.reached === undefined
    ? { action: "continue", check: NAME, evidence: facts }
    : { action: "defer", check: NAME, status: tooMuch(facts), evidence: facts };
}

function tooMuch({ network, reached: limit, minutesLeft = 0 }: RateFacts): Status {
  const minutes = minutesLeft === 1 ? "a minute" : `${minutesLeft} minutes`;
  const words = `your network ${network} has reached its limit of ${limit}; try again in ${minutes}`;
  return status(450, "4.7.1", words, "policy/rates");
}
