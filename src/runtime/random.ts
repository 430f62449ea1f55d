/** Randomness as a parameter. */
import { randomFillSync } from "node:crypto";

export interface Random {
  /** Unpredictable octets, in an array of their own. */
  octets(count: number): Uint8Array;
}

/** Octets drawn from the system at once: one call for many small requests (a session id each). */
const POOL_OCTETS = 4096;

class SystemRandom implements Random {
  readonly #pool = new Uint8Array(POOL_OCTETS);
  #used = POOL_OCTETS;

  octets(count: number): Uint8Array {
    if (count > POOL_OCTETS) return randomFillSync(new Uint8Array(count));
    if (this.#used + count > POOL_OCTETS) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    const octets = this.#pool.slice(this.#used, this.#used + count);
    this.#pool.fill(0, this.#used, this.#used + count); // never hand the same octets out twice
    this.#used += count;
    return octets;
  }
}

export const systemRandom: Random = new SystemRandom();
