/**
 * Chance that can be had again: the same seed throws the same numbers on every machine. Fast rather than good;
 * what it decides is only which strange things are tried next.
 */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed >>> 0) + 1;
    for (let i = 0; i < 4; i++) this.next(); // neighbouring seeds begin alike
  }

  /** 0 to 2^32 - 1. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  }

  /** 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor((this.next() / 2 ** 32) * limit);
  }

  /** True in about `percent` of a hundred throws. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.below(choices.length)] ?? choices[0];
  }

  /** One of them, each as often as its weight says. */
  weighted<T>(choices: readonly [readonly [number, T], ...(readonly [number, T])[]]): T {
    const sum = choices.reduce((total, [weight]) => total + weight, 0);
    let left = this.below(sum);
    for (const [weight, choice] of choices) {
      if (left < weight) return choice;
      left -= weight;
    }
    return choices[0][1];
  }
}
