/**
 * A message's content on its way out: which octets to ask for next, and what to send of those that came. Promises: lines
 * end in CRLF, hold no other CR, LF or NUL and at most 998 octets; dots are stuffed; it keeps no more than a chunk and a line.
 */
import { CountedReader, DotWriter } from "../dialogue/index.ts";
import { LineBreaker } from "./client-lines.ts";

export type OutgoingResult =
  /** Send these, in order; none when a line is not complete yet. */
  | { readonly kind: "send"; readonly parts: readonly Uint8Array[] }
  /** Nothing of this chunk may leave. */
  | { readonly kind: "unfit"; readonly fault: string }
  /** Fewer or more octets came than were promised. */
  | { readonly kind: "broken" };

export class OutgoingContent {
  readonly #octets: number;
  readonly #chunkOctets: number;
  readonly #counted = new CountedReader();
  readonly #lines = new LineBreaker();
  readonly #dots = new DotWriter();
  #offset = 0;

  constructor(octets: number, chunkOctets: number) {
    this.#octets = octets;
    this.#chunkOctets = chunkOctets;
    this.#counted.expect(octets, true);
  }

  /** All octets have come. */
  get complete(): boolean {
    return this.#offset === this.#octets;
  }

  next(): { readonly kind: "content"; readonly offset: number; readonly limit: number } {
    const limit = Math.min(this.#chunkOctets, this.#octets - this.#offset);
    return { kind: "content", offset: this.#offset, limit };
  }

  /** The answer to `next`. */
  take(chunk: Uint8Array): OutgoingResult {
    if (chunk.length === 0 || chunk.length > this.next().limit) return { kind: "broken" };
    const parts: Uint8Array[] = [];
    const read = this.#counted.read(chunk, (slice) =>
      this.#lines.write(slice, (piece) => parts.push(this.#dots.write(piece))),
    );
    if (read.kind === "fault") return { kind: "unfit", fault: read.fault };
    this.#offset += chunk.length;
    return { kind: "send", parts };
  }

  /** What is still to be sent when it is complete; the end mark is the last of it. */
  end(): readonly Uint8Array[] {
    const parts: Uint8Array[] = [];
    this.#lines.end((piece) => parts.push(this.#dots.write(piece)));
    return [...parts, this.#dots.end()];
  }
}
