/**
 * One mail transaction from the client's side: which command may be said next, what each reply means, and what becomes of
 * each recipient. It says nothing itself. Promises: each recipient is settled once; a message's is "delivered" only by 2xx to the
 * final dot, in LMTP by its own (RFC 2033 §4.2); no dot ends content that somebody could take for a message it is not; a query never says DATA.
 */
import type { ForwardPath, Outcome, Status } from "../../mail/index.ts";
import type { Capabilities } from "./client-capabilities.ts";
import type { ClientCommand } from "./client-commands.ts";
import { isAsciiPath, misfits } from "./client-fit.ts";
import { classOf, type Reply } from "./client-replies.ts";
import type { OutgoingRecipient, OutgoingTransaction } from "./client-requests.ts";
import { noAnswerToQuery, outcomeOf, tooManyRecipients } from "./client-statuses.ts";

/** What a reply leads to. */
export type Heard =
  | "go on"
  /** 354: the content may follow. */
  | "content"
  /** 354 although no recipient was taken: a dot alone ends it (RFC 2920 §3.1). */
  | "lone dot"
  /** The reply does not belong to what was said, and so nobody knows what the others belong to. */
  | "out of step";

/** What for: to deliver a message, or to ask whether its recipients would be taken. */
export type Purpose = "message" | "query";

/** The transaction that asks, and never gets to its content. */
export function queryOf(recipients: readonly ForwardPath[]): OutgoingTransaction {
  const asked = recipients.map((forwardPath) => ({ forwardPath }));
  return { reversePath: null, recipients: asked, octets: 0, body: "7BIT", smtputf8: false };
}

type Unanswered =
  /** A dot's `recipient` is the one that the reply is about; absent where it is about all. */
  | { readonly kind: "RSET" | "MAIL" | "DATA" }
  | { readonly kind: "DOT"; readonly recipient?: number }
  | { readonly kind: "RCPT"; readonly recipient: number };

export class ClientTransaction {
  readonly #transaction: OutgoingTransaction;
  readonly #capabilities: Capabilities;
  readonly #remote: string;
  readonly #purpose: Purpose;
  readonly #answersEach: boolean;
  /** Commands that may be out at once. */
  readonly #window: number;
  readonly #outcomes: (Outcome | undefined)[];
  readonly #unanswered: Unanswered[] = [];
  #resetFirst: boolean;
  #mail: "unsaid" | "said" | "accepted" | "refused" = "unsaid";
  #nextRecipient = 0;
  /** Recipients that the server took. */
  readonly #accepted: number[] = [];
  #data: "unsaid" | "said" | "refused" | "ended" = "unsaid";

  /**
   * `resetFirst`: the server may still hold the recipients of another transaction. `answersEach`: after the final dot, one
   * reply for each recipient it took.
   */
  constructor(
    transaction: OutgoingTransaction,
    capabilities: Capabilities,
    remote: string,
    options: {
      readonly pipelinedCommands: number;
      readonly resetFirst: boolean;
      readonly purpose: Purpose;
      readonly answersEach: boolean;
    },
  ) {
    this.#transaction = transaction;
    this.#capabilities = capabilities;
    this.#remote = remote;
    this.#purpose = options.purpose;
    this.#answersEach = options.answersEach;
    this.#window = capabilities.pipelining ? options.pipelinedCommands : 1;
    this.#resetFirst = options.resetFirst;
    this.#outcomes = misfits(transaction, capabilities, remote).map(
      (misfit) => misfit && { status: misfit },
    );
  }

  /** Nothing is to be said, and no reply is to come. */
  get done(): boolean {
    return this.#settled && this.#unanswered.length === 0;
  }

  /** The kind of the oldest command without a reply. */
  get awaited(): Unanswered["kind"] | undefined {
    return this.#unanswered[0]?.kind;
  }

  /** The replies to come are about one recipient each. */
  get answeredEach(): boolean {
    return this.#answersEach && this.awaited === "DOT";
  }

  /** MAIL was said, whatever came of it. */
  get begun(): boolean {
    return this.#mail !== "unsaid";
  }

  /** The server may still hold recipients: RSET before the next MAIL. */
  get leavesOpen(): boolean {
    if (this.#resetFirst) return true;
    const open = this.#mail === "accepted" || this.#accepted.length > 0;
    return open && this.#data !== "ended";
  }

  /** What became of each; all are settled when `done`, and after `lost`. */
  outcomes(): readonly Outcome[] {
    return this.#outcomes.map((outcome) => {
      if (outcome === undefined) throw new Error("a recipient is not settled yet");
      return outcome;
    });
  }

  /** The next command that may be said now. RFC 2920 §3.1: DATA ends a group. */
  next(): ClientCommand | undefined {
    if (this.#unanswered.length >= this.#window) return undefined;
    if (!this.begun && this.#settled) return undefined;
    if (this.#resetFirst) {
      this.#resetFirst = false;
      return this.#said({ kind: "RSET" }, { verb: "RSET" });
    }
    if (this.#mail === "unsaid") {
      this.#mail = "said";
      return this.#said({ kind: "MAIL" }, this.#mailCommand());
    }
    if (this.#mail === "refused" || this.#data !== "unsaid") return undefined;
    return this.#recipient() ?? (this.#purpose === "message" ? this.#dataCommand() : undefined);
  }

  /** Takes the reply to the oldest command. */
  heard(reply: Reply): Heard {
    const about = this.#unanswered.shift();
    if (about === undefined) throw new Error("a reply to nothing");
    if (classOf(reply) === 3 && about.kind !== "DATA") return "out of step";
    switch (about.kind) {
      case "RSET":
        return classOf(reply) === 2 ? "go on" : "out of step";
      case "MAIL":
        this.#mail = classOf(reply) === 2 ? "accepted" : "refused";
        if (this.#mail === "refused") this.#settleAll(this.#refusedSender(reply));
        return "go on";
      case "RCPT":
        this.#heardRecipient(about.recipient, reply);
        return "go on";
      case "DATA":
        return this.#heardData(reply);
      case "DOT":
        this.#heardEnd(reply, about.recipient);
        return "go on";
    }
  }

  /** The end mark was said: of the content, or alone. */
  ended(): void {
    this.#data = "ended";
    if (!this.#answersEach) this.#unanswered.push({ kind: "DOT" });
    else for (const recipient of this.#accepted) this.#unanswered.push({ kind: "DOT", recipient });
  }

  /** A no to the message as a whole, in the middle of its content. */
  refused(reply: Reply): void {
    this.#settleAll(outcomeOf(reply, this.#remote));
  }

  /** No more replies come. `answered`: by words that end the connection, so that the message is known not to be taken. */
  lost(why: Outcome, answered: boolean): void {
    const uncertain = this.#data === "ended" && !answered;
    this.#settleAll(uncertain ? { ...why, inDoubt: true } : why);
  }

  /** The content can never be sent. */
  unfit(why: Status): void {
    this.#settleAll({ status: why });
  }

  get #settled(): boolean {
    return this.#outcomes.every((outcome) => outcome !== undefined);
  }

  #settleAll(outcome: Outcome): void {
    this.#outcomes.forEach((settled, i) => {
      this.#outcomes[i] = settled ?? outcome;
    });
  }

  /** Who was taken with what he asked of reports has it from that server now (RFC 3461 §5.2.1). */
  #heardEnd(reply: Reply, recipient: number | undefined): void {
    const outcome = outcomeOf(reply, this.#remote);
    const passesOn = classOf(reply) === 2 && this.#capabilities.dsn;
    this.#transaction.recipients.forEach(({ dsn }, i) => {
      if (recipient !== undefined && recipient !== i) return;
      this.#outcomes[i] ??=
        passesOn && dsn !== undefined ? { ...outcome, dsnPassedOn: true } : outcome;
    });
  }

  #said(about: Unanswered, command: ClientCommand): ClientCommand {
    this.#unanswered.push(about);
    return command;
  }

  #mailCommand(): ClientCommand {
    const { reversePath, octets, body, requireTls, dsn } = this.#transaction;
    const { size, eightBitMime } = this.#capabilities;
    return {
      verb: "MAIL",
      reversePath,
      parameters: {
        smtputf8: this.#needsSmtputf8(),
        ...(size && this.#purpose === "message" && { size: octets }),
        ...(eightBitMime && body === "8BITMIME" && { body }),
        ...(requireTls !== undefined && { requireTls }),
      },
      ...(this.#capabilities.dsn && dsn !== undefined && { dsn }),
    };
  }

  /** RFC 6531 §3.4. Recipients that it was needed for and not offered to are failed already. */
  #needsSmtputf8(): boolean {
    const { smtputf8, reversePath, recipients } = this.#transaction;
    if (!this.#capabilities.smtputf8) return false;
    return (
      [reversePath, ...recipients.map((r) => r.forwardPath)].some((p) => !isAsciiPath(p)) ||
      smtputf8
    );
  }

  #recipient(): ClientCommand | undefined {
    const { recipients } = this.#transaction;
    while (this.#nextRecipient < recipients.length && this.#outcomes[this.#nextRecipient])
      this.#nextRecipient++;
    const recipient: OutgoingRecipient | undefined = recipients[this.#nextRecipient];
    if (recipient === undefined) return undefined;
    const about = { kind: "RCPT", recipient: this.#nextRecipient++ } as const;
    const { forwardPath, dsn } = recipient;
    const said = this.#capabilities.dsn && dsn !== undefined ? { dsn } : {};
    return this.#said(about, { verb: "RCPT", forwardPath, ...said });
  }

  /** There is somebody to receive it, or still may be: else all are settled, and nothing is said any more. */
  #dataCommand(): ClientCommand {
    this.#data = "said";
    return this.#said({ kind: "DATA" }, { verb: "DATA" });
  }

  #heardRecipient(recipient: number, reply: Reply): void {
    if (classOf(reply) === 2) this.#takenRecipient(recipient, reply);
    else if (this.#mail !== "refused") this.#outcomes[recipient] = this.#refusedRecipient(reply);
  }

  #refusedSender(reply: Reply): Outcome {
    return this.#purpose === "query"
      ? noAnswerToQuery(reply, this.#remote)
      : outcomeOf(reply, this.#remote);
  }

  #takenRecipient(recipient: number, reply: Reply): void {
    this.#accepted.push(recipient);
    if (this.#purpose === "query") this.#outcomes[recipient] ??= outcomeOf(reply, this.#remote);
  }

  #refusedRecipient(reply: Reply): Outcome {
    const { code, enhanced = "5.5.3" } = reply;
    const tooMany = code === 552 && enhanced === "5.5.3" && this.#accepted.length > 0;
    return tooMany ? tooManyRecipients(reply, this.#remote) : outcomeOf(reply, this.#remote);
  }

  #heardData(reply: Reply): Heard {
    if (classOf(reply) > 3) {
      this.#data = "refused";
      this.#settleAll(outcomeOf(reply, this.#remote));
      return "go on";
    }
    if (reply.code !== 354) return "out of step";
    // RFC 2033 §4.2: LMTP refuses DATA then, and how many replies its dot has nobody knows.
    if (this.#accepted.length === 0) return this.#answersEach ? "out of step" : "lone dot";
    // A sender refused, recipients taken and content wanted: a dot alone could be an empty message to them.
    return this.#mail === "accepted" ? "content" : "out of step";
  }
}
