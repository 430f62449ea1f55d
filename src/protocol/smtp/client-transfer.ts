/**
 * One transaction being performed: its commands and its content said, its replies heard. It keeps the rules
 * (`ClientTransaction`) and the octets (`OutgoingContent`) together, and tells in the end what became of each recipient.
 */
import type { Outcome, Status } from "../../mail/index.ts";
import type { Capabilities } from "./client-capabilities.ts";
import { OutgoingContent } from "./client-content.ts";
import { classOf, type Reply } from "./client-replies.ts";
import type { OutgoingTransaction, SmtpClientSettings } from "./client-requests.ts";
import { contentUnfit } from "./client-statuses.ts";
import { ClientTransaction, type Purpose } from "./client-transaction.ts";
import type { ClientVoice } from "./client-voice.ts";

/** Who comes next: we, because nothing is unanswered; the server; nobody, because it is done. */
export type TransferHeard = "ours" | "server" | "done" | "out of step";

export type TransferTaken =
  | { readonly kind: "ours" }
  /** The wire has to take it first. */
  | { readonly kind: "wire" }
  | { readonly kind: "unfit"; readonly why: Status }
  | { readonly kind: "broken" };

export class ClientTransfer {
  readonly #transaction: ClientTransaction;
  readonly #voice: ClientVoice;
  readonly #octets: number;
  readonly #chunkOctets: number;
  /** From the server's 354 until the end mark is said. */
  #content: OutgoingContent | undefined;

  /** `resetFirst`: the server may still hold recipients of the last one. */
  constructor(
    outgoing: OutgoingTransaction,
    capabilities: Capabilities,
    settings: SmtpClientSettings,
    { purpose, resetFirst }: { readonly purpose: Purpose; readonly resetFirst: boolean },
    voice: ClientVoice,
  ) {
    const { remote, limits, protocol } = settings;
    const { pipelinedCommands } = limits;
    const answersEach = protocol === "lmtp";
    const options = { pipelinedCommands, resetFirst, purpose, answersEach };
    this.#transaction = new ClientTransaction(outgoing, capabilities, remote, options);
    this.#voice = voice;
    this.#octets = outgoing.octets;
    this.#chunkOctets = limits.chunkOctets;
  }

  get done(): boolean {
    return this.#transaction.done;
  }

  get begun(): boolean {
    return this.#transaction.begun;
  }

  get leavesOpen(): boolean {
    return this.#transaction.leavesOpen;
  }

  /** What the oldest unanswered command is. */
  get awaited(): ClientTransaction["awaited"] {
    return this.#transaction.awaited;
  }

  /** The message is whole, and the server answers for each of its recipients. */
  get answeredEach(): boolean {
    return this.#transaction.answeredEach;
  }

  /** The server waits for the message's end mark. */
  get inContent(): boolean {
    return this.#content !== undefined;
  }

  /** The desk has not given all of it. */
  get hasMoreContent(): boolean {
    return this.#content?.complete === false;
  }

  /** Says what may be said now, or asks for the next chunk; returns whose turn it is then. */
  speak(): "server" | "desk" {
    const content = this.#content;
    if (content === undefined) return this.#sayCommands();
    if (!content.complete) {
      this.#voice.ask(content.next());
      return "desk";
    }
    for (const part of content.end()) this.#voice.send(part);
    this.#content = undefined;
    this.#transaction.ended();
    return "server";
  }

  heard(reply: Reply): TransferHeard {
    switch (this.#transaction.heard(reply)) {
      case "go on":
        if (this.done) return "done";
        return this.awaited === undefined ? "ours" : this.#sayCommands();
      case "content":
        this.#content = new OutgoingContent(this.#octets, this.#chunkOctets);
        return "ours";
      case "lone dot":
        this.#content = new OutgoingContent(0, this.#chunkOctets);
        return "ours";
      case "out of step":
        return "out of step";
    }
  }

  /** Takes the desk's next chunk. */
  take(octets: Uint8Array): TransferTaken {
    if (this.#content === undefined) throw new Error("content that was not asked for");
    const result = this.#content.take(octets);
    if (result.kind === "broken") return result;
    if (result.kind === "unfit") {
      const why = contentUnfit(result.fault);
      this.#transaction.unfit(why);
      return { kind: "unfit", why };
    }
    for (const part of result.parts) this.#voice.send(part);
    if (this.#content.complete || result.parts.length === 0) return { kind: "ours" };
    this.#voice.flush();
    return { kind: "wire" };
  }

  /**
   * A no in the middle of the content is about the message, and nobody takes what has no end mark for one. False when the
   * reply cannot be that.
   */
  interruptedBy(reply: Reply): boolean {
    if (this.#content === undefined || classOf(reply) < 4) return false;
    this.#transaction.refused(reply);
    return true;
  }

  /** No more replies come. `answered`: in words that end the connection, so the message is known not to be taken. */
  lost(why: Outcome, answered: boolean): void {
    this.#transaction.lost(why, answered);
  }

  tellSettled(): void {
    this.#voice.tell({ kind: "settled", outcomes: this.#transaction.outcomes() });
  }

  #sayCommands(): "server" {
    for (;;) {
      const command = this.#transaction.next();
      if (command === undefined) break;
      this.#voice.say(command);
    }
    if (this.awaited === undefined) throw new Error("a transaction that does not go on");
    return "server";
  }
}
