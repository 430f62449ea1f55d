/**
 * How many answers a network gets within a second, so that whoever forges its address cannot have us flood it. A table of a fixed size: two
 * networks that share a place take turns there, and are then limited less, never more.
 */
import type { RateLimitRules } from "./rules.ts";

/** Networks known at once; 12 octets each. */
const PLACES = 2 ** 16;

export class RateLimit {
  readonly #rules: RateLimitRules;
  readonly #tags = new Uint32Array(PLACES);
  readonly #seconds = new Uint32Array(PLACES);
  readonly #sent = new Uint32Array(PLACES);

  constructor(rules: RateLimitRules) {
    this.#rules = rules;
  }

  /** One more answer to a network, by its hash. `now`: milliseconds since 1970. */
  take(hash: number, now: number): "send" | "slip" | "drop" {
    const place = hash % PLACES;
    const second = Math.floor(now / 1000) % 2 ** 32;
    if (this.#tags[place] !== hash || this.#seconds[place] !== second) {
      this.#tags[place] = hash;
      this.#seconds[place] = second;
      this.#sent[place] = 0;
    }
    const sent = (this.#sent[place] ?? 0) + 1;
    this.#sent[place] = sent;
    const over = sent - this.#rules.answersPerSecond;
    if (over <= 0) return "send";
    return this.#rules.slip > 0 && over % this.#rules.slip === 0 ? "slip" : "drop";
  }
}
