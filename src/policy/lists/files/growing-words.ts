/** A row of 32-bit words of which nobody knows yet how long it gets. */

const FIRST_LENGTH = 64;

export class GrowingWords {
  #words: Uint32Array<ArrayBuffer>;
  #length = 0;

  /** With room for so many from the beginning. */
  constructor(length = FIRST_LENGTH) {
    this.#words = new Uint32Array(Math.max(1, length));
  }

  get length(): number {
    return this.#length;
  }

  push(word: number): void {
    if (this.#length === this.#words.length) {
      const larger = new Uint32Array(this.#words.length * 2);
      larger.set(this.#words);
      this.#words = larger;
    }
    this.#words[this.#length++] = word;
  }

  /** Of a word that is there. */
  set(at: number, word: number): void {
    this.#words[at] = word;
  }

  at(at: number): number {
    return this.#words[at] ?? 0;
  }

  /** None are there any more, and their memory is given up. */
  clear(): void {
    this.#words = new Uint32Array(FIRST_LENGTH);
    this.#length = 0;
  }

  /** All words, in a buffer of exactly their size. */
  exact(): Uint32Array<ArrayBuffer> {
    return this.#words.slice(0, this.#length);
  }

  /** All words, as they lie here; good until the next `push`. */
  view(): Uint32Array<ArrayBuffer> {
    return this.#words.subarray(0, this.#length);
  }
}
