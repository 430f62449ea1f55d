/**
 * Counts for whom and to where each trusted address sends, and holds one that sends as too many to too many, with one
 * event for the operator. Promises: bounded memory; while an address is held nothing of it is counted, so it is free again
 * after the hour, however often it tried.
 */
import { formatHost, type Domain, type Ip, type ReversePath } from "../../mail/index.ts";
import type { SpreadCounts, SpreadFacts, SpreadQuestion } from "../../policy/checks/index.ts";
import { DistinctCounts, putLast, type Clock, type Log } from "../../runtime/index.ts";

export interface NetworkSpreadDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Of senders' domains, times domains sent to. */
  readonly limit: number;
  isOurs(domain: Domain): boolean;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Trusted addresses watched at once. */
const ADDRESSES = 1000;

export class NetworkSpread implements SpreadCounts {
  readonly limit: number;
  readonly #deps: NetworkSpreadDeps;
  readonly #senders: DistinctCounts<Ip, string>;
  readonly #recipients: DistinctCounts<Ip, string>;
  /** To the moment when they may send again. */
  readonly #held = new Map<Ip, number>();

  constructor(deps: NetworkSpreadDeps) {
    this.#deps = deps;
    this.limit = deps.limit;
    // More things would make no difference.
    const limits = { keys: ADDRESSES, things: deps.limit + 1, lifetimeMs: HOUR_MS };
    this.#senders = new DistinctCounts(limits);
    this.#recipients = new DistinctCounts(limits);
  }

  ask(question: SpreadQuestion): SpreadFacts {
    const { ip, reversePath, to } = question;
    const now = this.#deps.clock.elapsed();
    if (!this.#isHeld(ip, now)) {
      const sender = this.#foreign(reversePath);
      if (sender !== undefined) this.#senders.add(ip, sender, now);
      this.#recipients.add(ip, to, now);
      if (this.#senders.count(ip, now) * this.#recipients.count(ip, now) > this.#deps.limit)
        this.#hold(question, now);
    }
    return this.#facts(question, now);
  }

  #isHeld(ip: Ip, now: number): boolean {
    return now < (this.#held.get(ip) ?? -Infinity);
  }

  #hold(question: SpreadQuestion, now: number): void {
    putLast(this.#held, question.ip, now + HOUR_MS, ADDRESSES);
    const { heldMinutes, ...facts } = this.#facts(question, now);
    this.#deps.log.error("trusted address held", {
      ip: question.ip,
      ...facts,
      minutes: heldMinutes,
      todo:
        "find out what sends there; if it may, raise relay.foreign_spread, " +
        "else take its entry from relay.networks and reload",
    });
  }

  #facts({ ip, network }: SpreadQuestion, now: number): SpreadFacts {
    const left = Math.max(0, (this.#held.get(ip) ?? 0) - now);
    return {
      network,
      senders: this.#senders.count(ip, now),
      recipients: this.#recipients.count(ip, now),
      limit: this.#deps.limit,
      heldMinutes: Math.ceil(left / MINUTE_MS),
    };
  }

  /** A sender's host that is not ours; the null sender may be anybody's. */
  #foreign(path: ReversePath): string | undefined {
    if (path === null) return "<>";
    const { host } = path;
    return host.kind === "domain" && this.#deps.isOurs(host.domain) ? undefined : formatHost(host);
  }
}
