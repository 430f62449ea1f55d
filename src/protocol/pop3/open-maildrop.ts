/**
 * The maildrop as one session sees it (RFC 1939 §5): the numbers given at login stay until QUIT, whatever
 * arrives or vanishes meanwhile. DELE only marks; nothing here deletes.
 */
import type { Pop3Message } from "./requests.ts";

export class OpenMaildrop {
  readonly #messages: readonly Pop3Message[];
  readonly #marked = new Set<number>();
  readonly #allOctets: number;
  #octets: number;

  constructor(messages: readonly Pop3Message[]) {
    this.#messages = messages;
    this.#octets = this.#allOctets = messages.reduce((sum, message) => sum + message.octets, 0);
  }

  /** Messages not marked as deleted. */
  get count(): number {
    return this.#messages.length - this.#marked.size;
  }

  /** Octets of the messages not marked as deleted. */
  get octets(): number {
    return this.#octets;
  }

  /** The message with this number, counted from 1; undefined when there is none or it is marked as deleted. */
  message(number: number): Pop3Message | undefined {
    return this.#marked.has(number) ? undefined : this.#messages[number - 1];
  }

  /** The messages not marked as deleted, with their numbers, in order. */
  *numbered(): Generator<readonly [number, Pop3Message]> {
    for (const [index, message] of this.#messages.entries())
      if (!this.#marked.has(index + 1)) yield [index + 1, message];
  }

  /** False when there is no such message. */
  mark(number: number): boolean {
    const message = this.message(number);
    if (message === undefined) return false;
    this.#marked.add(number);
    this.#octets -= message.octets;
    return true;
  }

  unmarkAll(): void {
    this.#marked.clear();
    this.#octets = this.#allOctets;
  }

  /** Uids of the messages marked as deleted. */
  marked(): string[] {
    return [...this.#marked].flatMap((number) => this.#messages[number - 1]?.uid ?? []);
  }
}
