/**
 * The octets behind DATA and BDAT: content for the desk up to the limit of RFC 1870, or something that must be
 * read to its end although its refusal is certain (RFC 3030 §2, RFC 1870 §6.3). One for each session.
 */
import type { Status } from "../../mail/index.ts";
import {
  CountedReader,
  DotReader,
  SkippingReader,
  type ContentReader,
  type Input,
  type OctetFault,
} from "../dialogue/index.ts";
import type { BdatArguments } from "./grammar.ts";
import { REPLIES } from "./replies.ts";

/** Where content goes. */
export interface ContentSink {
  pass(slice: Uint8Array): void;
  /** What was passed so far is worth nothing. */
  void(): void;
}

/** Why content is passed over. */
export interface Refusal {
  readonly status: Status;
  /** The engine's own, not the desk's. */
  readonly ours: boolean;
}

export type IntakeResult =
  | { readonly kind: "more" }
  | { readonly kind: "fault"; readonly fault: OctetFault }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  /** A chunk that is not the last is there. */
  | { readonly kind: "chunk"; readonly octets: number }
  /** The message is complete. */
  | { readonly kind: "message"; readonly octets: number };

const TOO_LARGE: Refusal = { status: REPLIES.tooLarge, ours: true };

export class ContentIntake {
  readonly #limit: number;
  readonly #sink: ContentSink;
  #reader: ContentReader | undefined;
  /** Reads all chunks of the message. */
  #counted: CountedReader | undefined;
  /** The chunk that comes; undefined when content comes by DATA. */
  #chunk: BdatArguments | undefined;
  #octets = 0;
  #refusal: Refusal | undefined;

  constructor(limit: number, sink: ContentSink) {
    this.#limit = limit;
    this.#sink = sink;
  }

  /** Whether the chunk would still fit. */
  hasRoomFor(chunk: BdatArguments): boolean {
    return this.#octets + chunk.octets <= this.#limit;
  }

  /** What comes until the end mark is a message. */
  beginData(): void {
    this.#reader = new DotReader();
  }

  /** What comes is a chunk of the message, if `beginChunk` follows, or of none, if `skipChunk` does. */
  announce(chunk: BdatArguments): void {
    this.#chunk = chunk;
  }

  beginChunk(): void {
    this.#counted ??= new CountedReader();
    this.#counted.expect(this.#announced().octets, this.#announced().last);
    this.#reader = this.#counted;
  }

  /** The chunk is read to its end, and refused then. */
  skipChunk(refusal: Refusal): void {
    this.#refusal = refusal;
    this.#reader = new SkippingReader(this.#announced().octets);
  }

  /** A new transaction: nothing is remembered of the content of another. */
  reset(): void {
    this.#reader = this.#counted = this.#chunk = this.#refusal = undefined;
    this.#octets = 0;
  }

  /** Takes what there is from `input`. */
  read(input: Input): IntakeResult {
    if (this.#reader === undefined) throw new Error("no content was begun");
    const waiting = input.length;
    const result = this.#reader.read(input.view(), this.#emit);
    input.consume(result.kind === "end" ? result.consumed : waiting);
    return result.kind === "end" ? this.#ended() : result;
  }

  #announced(): BdatArguments {
    if (this.#chunk === undefined) throw new Error("no chunk was announced");
    return this.#chunk;
  }

  readonly #emit = (slice: Uint8Array): void => {
    if (this.#refusal !== undefined) return;
    this.#octets += slice.length;
    if (this.#octets <= this.#limit) return this.#sink.pass(slice);
    this.#refusal = TOO_LARGE;
    this.#sink.void();
  };

  #ended(): IntakeResult {
    const refusal = this.#refusal;
    const chunk = this.#chunk;
    this.#reader = this.#refusal = this.#chunk = undefined;
    if (refusal !== undefined) return { kind: "refused", refusal };
    if (chunk !== undefined && !chunk.last) return { kind: "chunk", octets: chunk.octets };
    return { kind: "message", octets: this.#octets };
  }
}
