/** A row of octets of which nobody knows yet how long it gets. */

const FIRST_LENGTH = 1024;

export class GrowingOctets {
  #octets: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_LENGTH);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(octet: number): void {
    if (this.#length === this.#octets.length) this.#grow(1);
    this.#octets[this.#length++] = octet;
  }

  /** In UTF-8. */
  pushText(text: string): void {
    this.#grow(text.length * 3); // UTF-8 has at most three octets for each unit of UTF-16
    this.#length += ENCODER.encodeInto(text, this.#octets.subarray(this.#length)).written;
  }

  /** All octets, in a buffer of exactly their size. */
  exact(): Uint8Array<ArrayBuffer> {
    return this.#octets.slice(0, this.#length);
  }

  /** Room for so many more. */
  #grow(by: number): void {
    if (this.#length + by <= this.#octets.length) return;
    const larger = new Uint8Array(Math.max(this.#octets.length * 2, this.#length + by));
    larger.set(this.#octets);
    this.#octets = larger;
  }
}

const ENCODER = new TextEncoder();
