/**
 * One message on its way to the client: which octets to ask for next, and what to send of those that came.
 * It keeps no more than the chunk it is given, however large the message is.
 */
import { DotWriter } from "../dialogue/index.ts";
import type { Pop3Ask, Pop3Message } from "./requests.ts";
import { TopCut } from "./top.ts";

export type RetrievalResult =
  /** Send these, in order. */
  | { readonly kind: "send"; readonly parts: readonly Uint8Array[] }
  /** Fewer or more octets came than the listing promised: this must not be sent as if it were the message. */
  | { readonly kind: "broken" };

export class Retrieval {
  readonly #message: Pop3Message;
  readonly #chunkOctets: number;
  readonly #writer = new DotWriter();
  /** Undefined for RETR, which wants everything. */
  readonly #cut: TopCut | undefined;
  #offset = 0;
  #done = false;

  /** `lines` of the body for TOP; undefined for RETR. */
  constructor(message: Pop3Message, chunkOctets: number, lines: number | undefined) {
    this.#message = message;
    this.#chunkOctets = chunkOctets;
    this.#cut = lines === undefined ? undefined : new TopCut(lines);
  }

  get octets(): number {
    return this.#message.octets;
  }

  /** A whole message is wanted. */
  get whole(): boolean {
    return this.#cut === undefined;
  }

  /** Nothing has been taken yet. */
  get untouched(): boolean {
    return this.#offset === 0;
  }

  /** The end mark is among what was sent. */
  get done(): boolean {
    return this.#done;
  }

  next(): Pop3Ask {
    return {
      kind: "read",
      uid: this.#message.uid,
      offset: this.#offset,
      limit: this.#chunkOctets,
    };
  }

  /** The answer to `next`. */
  take(chunk: Uint8Array): RetrievalResult {
    const left = this.octets - this.#offset;
    if (chunk.length > left || (chunk.length === 0 && left > 0)) return { kind: "broken" };
    this.#offset += chunk.length;
    const wanted = this.#cut?.take(chunk) ?? chunk;
    const parts = wanted.length === 0 ? [] : [this.#writer.write(wanted)];
    this.#done = this.#cut?.done === true || this.#offset === this.octets;
    if (this.#done) parts.push(this.#writer.end());
    return { kind: "send", parts };
  }
}
