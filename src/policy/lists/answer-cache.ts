/**
 * What lists have answered, for as long as it may be believed: listings a minute to an hour, their absence a minute to a quarter,
 * errors half a minute. Bounded; and what was answered before a list's present health began is forgotten.
 */
import { putLast, type Clock } from "../../runtime/index.ts";
import type { ListAnswer, RawAnswer } from "./reading.ts";

/** Answers that are remembered, of all lists. */
const ANSWERS = 20_000;

/** Seconds, the least and the most. */
const BELIEVED: Readonly<Record<ListAnswer["kind"], readonly [number, number]>> = {
  listed: [60, 3600],
  clear: [60, 900],
  error: [30, 30],
};

interface Remembered {
  readonly raw: RawAnswer;
  readonly witnessed: boolean;
  /** Of the wall clock, as health is told; and by `elapsed`. */
  readonly at: number;
  readonly expiresAt: number;
}

export class AnswerCache {
  readonly #clock: Clock;
  readonly #answers = new Map<string, Remembered>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `since`: of the list's health. */
  get(question: string, since: number): Pick<Remembered, "raw" | "witnessed"> | undefined {
    const known = this.#answers.get(question);
    if (known === undefined) return undefined;
    if (known.at >= since && known.expiresAt > this.#clock.elapsed()) return known;
    this.#answers.delete(question);
    return undefined;
  }

  /** `ttl`: seconds, as the DNS said; `witnessed`: that it lists has been held against a canary. */
  set(
    question: string,
    raw: RawAnswer,
    { kind, ttl, witnessed }: Pick<ListAnswer, "kind"> & { ttl: number; witnessed: boolean },
  ): void {
    const [least, most] = BELIEVED[kind];
    const seconds = Math.min(Math.max(ttl, least), most);
    const [at, expiresAt] = [this.#clock.now(), this.#clock.elapsed() + seconds * 1000];
    putLast(this.#answers, question, { raw, witnessed, at, expiresAt }, ANSWERS);
  }
}
