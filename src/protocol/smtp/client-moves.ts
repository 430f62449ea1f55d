/**
 * What the client does once it is clear what is to be done: says what is next, performs what a reply or an answer leads
 * to. It knows whose turn it is.
 */
import type { TlsFacts } from "../dialogue/index.ts";
import { ClientArrival, type Arrival } from "./client-arrival.ts";
import { ClientEnds } from "./client-ends.ts";
import { patienceAt, type Moment, type Stage, type Turn } from "./client-moments.ts";
import type { Reply } from "./client-replies.ts";
import type {
  OutgoingTransaction,
  SmtpClientAnswer,
  SmtpClientSettings,
} from "./client-requests.ts";
import { CONTENT_UNAVAILABLE } from "./client-statuses.ts";
import { queryOf, type Purpose } from "./client-transaction.ts";
import { ClientTransfer } from "./client-transfer.ts";
import type { ClientVoice } from "./client-voice.ts";

export class ClientMoves {
  readonly #settings: SmtpClientSettings;
  readonly #voice: ClientVoice;
  readonly #arrival: ClientArrival;
  readonly ends: ClientEnds;
  #turn: Turn = "server";
  #stage: Stage = "greeting";
  #transfer: ClientTransfer | undefined;
  /** The server may still hold recipients of the last transaction. */
  #resetFirst = false;
  /** The 421 after which only the answers to other recipients are waited for. */
  #leaving: Reply | undefined;
  /** MAIL commands so far. */
  #transactions = 0;
  stopping = false;

  constructor(settings: SmtpClientSettings, voice: ClientVoice) {
    this.#settings = settings;
    this.#voice = voice;
    this.ends = new ClientEnds(settings, voice, () => ({
      moment: this.#moment(),
      transfer: this.#transfer,
    }));
    this.#arrival = new ClientArrival(settings, voice, this.ends);
  }

  get turn(): Turn {
    return this.#turn;
  }

  get quitting(): boolean {
    return this.#stage === "QUIT";
  }

  /** The message is on its way, and the desk has not given all of it. */
  get hasMoreContent(): boolean {
    return this.#transfer?.hasMoreContent === true;
  }

  patienceMs(): number {
    return patienceAt(this.#moment(), this.#settings.limits);
  }

  connected(): void {
    const { tls } = this.#settings;
    if (tls !== undefined) this.#voice.tell({ kind: "secured", tls });
  }

  secured(tls: TlsFacts): void {
    if (this.#turn !== "handshake") throw new Error("a handshake that was not asked for");
    this.#arrive(this.#arrival.secured(tls));
  }

  /** The wire has taken what it was given. */
  drained(): void {
    if (this.#turn === "wire") this.#turn = "ours";
  }

  #moment(): Moment {
    return { stage: this.#stage, turn: this.#turn, awaited: this.#transfer?.awaited };
  }

  // ---- Speaking ----

  /** Says what is next. */
  speak(): void {
    this.#turn = "server";
    switch (this.#stage) {
      case "idle":
        this.#turn = "desk";
        return this.#voice.ask({
          kind: "transaction",
          capabilities: this.#arrival.capabilities,
        });
      case "transfer":
        this.#turn = this.#open().speak();
        return;
      case "QUIT":
        return this.#voice.say({ verb: this.#stage });
      default:
        return this.#arrival.say(this.#stage);
    }
  }

  #next(stage: Stage): void {
    this.#stage = stage;
    this.#turn = "ours";
  }

  #arrive(arrival: Arrival): void {
    switch (arrival.kind) {
      case "say":
        return this.#next(arrival.stage);
      case "wait":
        this.#turn = arrival.turn;
        return;
      case "open":
        return this.#nextTransaction();
      case "ended":
    }
  }

  /** RFC 9422 §4.1: a server that takes no more MAIL is left. */
  #nextTransaction(): void {
    const { transactions = Infinity } = this.#arrival.capabilities;
    this.#next(this.stopping || this.#transactions >= transactions ? "QUIT" : "idle");
  }

  #open(): ClientTransfer {
    if (this.#transfer === undefined) throw new Error("no transaction was begun");
    return this.#transfer;
  }

  // ---- Replies ----

  /** `moreWaits`: octets came together with the reply, behind it. */
  heard(reply: Reply, moreWaits: boolean): void {
    switch (this.#stage) {
      case "QUIT":
        return this.#voice.end("quit");
      case "transfer":
        return this.#heardInTransfer(this.#open(), reply);
      case "idle":
        return this.ends.outOfTurn(reply);
      default:
        return this.#arrive(this.#arrival.heard(this.#stage, reply, moreWaits));
    }
  }

  #heardInTransfer(transfer: ClientTransfer, reply: Reply): void {
    if (reply.code === 421) {
      if (!transfer.answeredEach) return this.ends.by(reply);
      this.#leaving ??= reply; // to one recipient; what the others are answered may have come with it
    }
    const heard = transfer.heard(reply);
    if (heard === "out of step") this.ends.outOfTurn(reply);
    else if (heard === "done") this.#settled(transfer);
    else this.#turn = heard;
  }

  // ---- Answers ----

  answered(answer: SmtpClientAnswer): void {
    if (this.#turn !== "desk") throw new Error("an answer without an ask");
    const transfer = this.#transfer;
    const { loggingIn } = this.#arrival;
    if (transfer === undefined && answer.kind === "quit" && !loggingIn) this.#next("QUIT");
    else if (transfer === undefined && answer.kind === "transaction")
      this.#begin(answer.transaction, "message");
    else if (transfer === undefined && answer.kind === "query")
      this.#begin(queryOf(answer.recipients), "query");
    else if (loggingIn && answer.kind === "salted password")
      this.#arrive(this.#arrival.salted(answer.octets));
    else if (transfer !== undefined && answer.kind === "content")
      this.#take(transfer, answer.octets);
    else if (transfer !== undefined && answer.kind === "unavailable") this.#contentMissing();
    else throw new Error(`"${answer.kind}" answers nothing that was asked`);
  }

  #begin(outgoing: OutgoingTransaction, purpose: Purpose): void {
    const transfer = new ClientTransfer(
      outgoing,
      this.#arrival.capabilities,
      this.#settings,
      { purpose, resetFirst: this.#resetFirst },
      this.#voice,
    );
    this.#transfer = transfer;
    if (transfer.done) this.#settled(transfer);
    else this.#next("transfer");
  }

  #settled(transfer: ClientTransfer): void {
    transfer.tellSettled();
    this.#resetFirst = transfer.leavesOpen;
    if (transfer.begun) this.#transactions++;
    this.#transfer = undefined;
    if (this.#leaving === undefined) this.#nextTransaction();
    else this.ends.by(this.#leaving);
  }

  #take(transfer: ClientTransfer, octets: Uint8Array): void {
    const taken = transfer.take(octets);
    if (taken.kind === "unfit") this.ends.end("content unfit", taken.why);
    else if (taken.kind === "broken") this.#contentMissing();
    else this.#turn = taken.kind;
  }

  #contentMissing(): void {
    this.ends.end("content unavailable", CONTENT_UNAVAILABLE);
  }
}
