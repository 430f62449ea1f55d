/** A desk that answers by the scenario's mood: at once or late, and now and then without room for content. */
import type { Desk } from "../../src/protocol/dialogue/index.ts";
import { Dice } from "./dice.ts";

/** What a desk says to the n-th ask; the same for the same mood, whenever it is asked. */
export type Opinion<Ask, Answer> = (ask: Ask, dice: Dice) => Answer;

export class FuzzDesk<Ask, Tell, Answer> implements Desk<Ask, Tell, Answer> {
  readonly #opinion: Opinion<Ask, Answer>;
  readonly #mood: number;
  /** Undefined: always at once. */
  readonly #lateness: Dice | undefined;
  #asks = 0;
  #pending: (() => void) | undefined;
  #drained: (() => void) | undefined;

  constructor(opinion: Opinion<Ask, Answer>, mood: number, lateness: Dice | undefined) {
    this.#opinion = opinion;
    this.#mood = mood;
    this.#lateness = lateness;
  }

  ask(ask: Ask, reply: (answer: Answer) => void): void {
    if (this.#pending !== undefined) throw new Error("asked although an ask is open");
    const answer = this.#opinion(ask, new Dice(this.#mood + 7919 * this.#asks++));
    if (this.#lateness?.chance(60) === true) this.#pending = () => reply(answer);
    else reply(answer);
  }

  tell(): void {}

  body(_slice: Uint8Array, drained: () => void): boolean {
    if (this.#lateness?.chance(50) !== true) return true;
    this.#drained = drained;
    return false;
  }

  /** Gives a late answer, or room; false when nobody waits for it. */
  moves(): boolean {
    const move = this.#pending ?? this.#drained;
    if (this.#pending === undefined) this.#drained = undefined;
    this.#pending = undefined;
    move?.();
    return move !== undefined;
  }
}
