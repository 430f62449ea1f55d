/**
 * A wire that ends in memory: what was written is kept as text. The proof, the relay tester's own tests
 * and the transcripts converse over it, through the same driver as a socket.
 */
import type { Wire } from "./conversation.ts";
import { latin1 } from "./latin1.ts";

export class MemoryWire implements Wire {
  readonly #slow: boolean;
  #written = "";
  #full = false;
  ended = false;
  paused = false;
  /** TLS was asked for and not yet answered by `Conversation.secured`. */
  startingTls = false;

  /** A slow wire asks for a pause at each write, until `drain`. */
  constructor(options: { readonly slow: boolean } = { slow: false }) {
    this.#slow = options.slow;
  }

  write(data: string | Uint8Array): boolean {
    this.#written += typeof data === "string" ? data : latin1(data);
    this.#full = this.#slow;
    return !this.#slow;
  }

  startTls(): void {
    this.startingTls = true;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  end(): void {
    this.ended = true;
  }

  /** What was written since the last call, octets as characters. */
  take(): string {
    const written = this.#written;
    this.#written = "";
    return written;
  }

  /** Whether it was full; it is not any more, and its owner now calls `Conversation.drained`. */
  drain(): boolean {
    const full = this.#full;
    this.#full = false;
    return full;
  }
}
