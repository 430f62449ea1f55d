/** Greylisting's memory without a store: for tests of who is told what. */
import type { Greylist, GreylistTriplet } from "../../src/store/index.ts";

export class MemoryGreylist implements Greylist {
  readonly #attempts = new Map<string, number>();
  readonly #networks = new Map<string, number>();
  /** How often a network was noted. */
  passes = 0;

  passedAt(network: string): number | undefined {
    return this.#networks.get(network);
  }

  firstTried(triplet: GreylistTriplet): number | undefined {
    return this.#attempts.get(JSON.stringify(triplet));
  }

  noteAttempt(triplet: GreylistTriplet, { at }: { readonly at: number }): void {
    this.#attempts.set(JSON.stringify(triplet), at);
  }

  notePassed(network: string, at: number): void {
    this.passes++;
    this.#networks.set(network, at);
  }

  prune(): Promise<void> {
    throw new Error("nobody forgets here");
  }
}
