/** Takes the header section off the front of a message's content, up to its limit, so that it can be judged before the rest is stored. */
import { headerSectionEnd } from "../../mail/index.ts";

export type HeaderResult =
  /** Everything was kept; the section goes on. */
  | { readonly kind: "more" }
  /** The section, and content that came behind it, as one piece. */
  | { readonly kind: "complete"; readonly section: Uint8Array; readonly content: Uint8Array }
  | { readonly kind: "too-long" };

export class HeaderSection {
  readonly #limitOctets: number;
  #kept = new Uint8Array(0);
  #length = 0;

  constructor(limitOctets: number) {
    this.#limitOctets = limitOctets;
  }

  /** Takes the next slice, copying what it must keep. Not to be called after "complete" or "too-long". */
  take(slice: Uint8Array): HeaderResult {
    const before = this.#length;
    const atOnce = before === 0 ? headerSectionEnd(slice) : -1;
    if (atOnce >= 0) return this.#complete(slice, atOnce); // the common case: nothing is copied here
    this.#keep(slice);
    const content = this.finish();
    const end = headerSectionEnd(content, before);
    if (end >= 0) return this.#complete(content, end);
    return this.#length > this.#limitOctets ? TOO_LONG : MORE;
  }

  /** What is kept; when the content ends without a blank line, all of it is header section. */
  finish(): Uint8Array {
    return this.#kept.subarray(0, this.#length);
  }

  #complete(content: Uint8Array, end: number): HeaderResult {
    if (end > this.#limitOctets) return TOO_LONG;
    return { kind: "complete", section: content.subarray(0, end), content };
  }

  /** Grows by doubling, so that a client that sends single octets costs linear time. */
  #keep(slice: Uint8Array): void {
    const needed = this.#length + slice.length;
    if (needed > this.#kept.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#kept.length));
      grown.set(this.finish());
      this.#kept = grown;
    }
    this.#kept.set(slice, this.#length);
    this.#length = needed;
  }
}

const MORE = { kind: "more" } as const;
const TOO_LONG = { kind: "too-long" } as const;
