/**
 * What the client does once it is clear what is to be done: says what is next, performs what a reply or an answer leads
 * to, ends. It knows whose turn it is.
 */
import type { Outcome, RemoteReply, Status } from "../../mail/index.ts";
import type { TlsFacts } from "../dialogue/index.ts";
import { NO_CAPABILITIES, type Capabilities } from "./client-capabilities.ts";
import { ClientLogin, isLoginReply, type LoginMove } from "./client-login.ts";
import { momentText, patienceAt, type Moment, type Stage, type Turn } from "./client-moments.ts";
import { openingMove, type Hello, type OpeningStage } from "./client-opening.ts";
import { classOf, type Reply } from "./client-replies.ts";
import type {
  OutgoingTransaction,
  SmtpClientAnswer,
  SmtpClientEnding,
  SmtpClientSettings,
} from "./client-requests.ts";
import * as statuses from "./client-statuses.ts";
import { queryOf, type Purpose } from "./client-transaction.ts";
import { ClientTransfer } from "./client-transfer.ts";
import type { ClientVoice } from "./client-voice.ts";

export class ClientMoves {
  readonly #settings: SmtpClientSettings;
  readonly #voice: ClientVoice;
  #turn: Turn = "server";
  #stage: Stage = "greeting";
  #secured: boolean;
  #capabilities: Capabilities = NO_CAPABILITIES;
  #login: ClientLogin | undefined;
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
    this.#secured = settings.tls !== undefined;
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
    this.#secured = true;
    this.#voice.tell({ kind: "secured", tls });
    this.#next(this.#hello); // RFC 3207 §4.2: its answer replaces all that was offered before
  }

  get #hello(): Hello {
    return this.#settings.protocol === "lmtp" ? "LHLO" : "EHLO";
  }

  // ---- Speaking ----

  /** Says what is next. */
  speak(): void {
    this.#turn = "server";
    switch (this.#stage) {
      case "greeting":
        throw new Error("the server has the first word");
      case "EHLO":
      case "HELO":
      case "LHLO":
        return this.#voice.say({ verb: this.#stage, name: this.#settings.hostname });
      case "STARTTLS":
      case "QUIT":
        return this.#voice.say({ verb: this.#stage });
      case "AUTH":
        return this.#voice.say(this.#loggingIn().next());
      case "idle":
        this.#turn = "desk";
        return this.#voice.ask({ kind: "transaction", capabilities: this.#capabilities });
      case "transfer":
        this.#turn = this.#open().speak();
    }
  }

  #next(stage: Stage): void {
    this.#stage = stage;
    this.#turn = "ours";
  }

  /** RFC 9422 §4.1: a server that takes no more MAIL is left. */
  #nextTransaction(): void {
    const { transactions = Infinity } = this.#capabilities;
    this.#next(this.stopping || this.#transactions >= transactions ? "QUIT" : "idle");
  }

  /** Where we have to log in that comes before all transactions. */
  #opened(): void {
    const { login, remote } = this.#settings;
    if (login === undefined) return this.#nextTransaction();
    if (!this.#secured)
      return this.#leave(statuses.loginImpossible(remote, "there is no TLS to hide it"));
    const opened = ClientLogin.open(login, this.#capabilities.auth ?? []);
    if (opened === undefined)
      return this.#leave(statuses.loginImpossible(remote, "it offers no mechanism that we know"));
    this.#login = opened;
    this.#next("AUTH");
  }

  #loggingIn(): ClientLogin {
    if (this.#login === undefined) throw new Error("no login was begun");
    return this.#login;
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
      case "AUTH":
        return this.#heardInLogin(this.#loggingIn(), reply);
      case "greeting":
      case "EHLO":
      case "HELO":
      case "LHLO":
      case "STARTTLS":
        return this.#heardOpening(this.#stage, reply, moreWaits);
      case "transfer":
        return this.#heardInTransfer(this.#open(), reply);
      case "idle":
        return this.heardOutOfTurn(reply);
    }
  }

  #heardOpening(stage: OpeningStage, reply: Reply, moreWaits: boolean): void {
    if (reply.code === 421) return this.#endBy(reply);
    const { startTls, remote } = this.#settings;
    const now = {
      stage,
      hello: this.#hello,
      startTls,
      secured: this.#secured,
      capabilities: this.#capabilities,
    };
    const move = openingMove(reply, now);
    switch (move.kind) {
      case "say":
        this.#capabilities = move.capabilities;
        return this.#next(move.stage);
      case "open":
        this.#capabilities = move.capabilities;
        return this.#opened();
      case "handshake":
        return moreWaits ? this.plaintext() : this.#handshake();
      case "out-of-step":
        return this.heardOutOfTurn(reply);
      case "refused":
        this.#voice.say({ verb: "QUIT" });
        if (stage !== "LHLO" || classOf(reply) !== 5) return this.#endBy(reply);
        return this.#end(
          "refused",
          statuses.noLmtp(remote, reply),
          statuses.replyOf(reply, remote),
        );
      case "no-tls":
        this.#voice.say({ verb: "QUIT" });
        return this.#end(
          "TLS required",
          statuses.tlsRequired(remote, move.offered ? reply : undefined),
        );
    }
  }

  #heardInLogin(login: ClientLogin, reply: Reply): void {
    if (reply.code === 421) this.#endBy(reply);
    else if (isLoginReply(reply)) this.#loginMove(login.heard(reply));
    else this.heardOutOfTurn(reply);
  }

  #loginMove(move: LoginMove): void {
    const { remote } = this.#settings;
    switch (move.kind) {
      case "say":
        return this.#next("AUTH");
      case "salt":
        this.#turn = "desk";
        return this.#voice.ask({ ...move, kind: "salted password" });
      case "done":
        this.#login = undefined;
        return this.#nextTransaction();
      case "refused":
        return this.#leave(
          statuses.loginRefused(remote, move.reply),
          statuses.replyOf(move.reply, remote),
        );
      case "refuse":
        return this.#end("login failed", statuses.loginDistrusted(remote, move.why));
    }
  }

  /** Without a login nothing can be done here, which is said politely. */
  #leave(why: Status, reply?: RemoteReply): void {
    this.#voice.say({ verb: "QUIT" });
    this.#end("login failed", why, reply);
  }

  #handshake(): void {
    this.#voice.startTls();
    this.#turn = "handshake";
  }

  #heardInTransfer(transfer: ClientTransfer, reply: Reply): void {
    if (reply.code === 421) {
      if (!transfer.answeredEach) return this.#endBy(reply);
      this.#leaving ??= reply; // to one recipient; what the others are answered may have come with it
    }
    const heard = transfer.heard(reply);
    if (heard === "out of step") this.heardOutOfTurn(reply);
    else if (heard === "done") this.#settled(transfer);
    else this.#turn = heard;
  }

  /** What answers nothing; undefined when it is not even a whole reply. */
  heardOutOfTurn(reply: Reply | undefined): void {
    const { remote } = this.#settings;
    if (reply?.code === 421) this.#endBy(reply);
    else if (reply !== undefined && this.#transfer?.interruptedBy(reply) === true)
      this.#end("interrupted", statuses.statusOf(reply, remote));
    else this.#end("out of step", statuses.outOfStep(remote, reply));
  }

  // ---- Answers ----

  answered(answer: SmtpClientAnswer): void {
    if (this.#turn !== "desk") throw new Error("an answer without an ask");
    const transfer = this.#transfer;
    if (transfer === undefined && answer.kind === "quit" && this.#login === undefined)
      this.#next("QUIT");
    else if (transfer === undefined && answer.kind === "transaction")
      this.#begin(answer.transaction, "message");
    else if (transfer === undefined && answer.kind === "query")
      this.#begin(queryOf(answer.recipients), "query");
    else if (this.#login !== undefined && answer.kind === "salted password")
      this.#loginMove(this.#login.salted(answer.octets));
    else if (transfer !== undefined && answer.kind === "content")
      this.#take(transfer, answer.octets);
    else if (transfer !== undefined && answer.kind === "unavailable") this.#contentMissing();
    else throw new Error(`"${answer.kind}" answers nothing that was asked`);
  }

  /** The wire has taken what it was given. */
  drained(): void {
    if (this.#turn === "wire") this.#turn = "ours";
  }

  #begin(outgoing: OutgoingTransaction, purpose: Purpose): void {
    const transfer = new ClientTransfer(
      outgoing,
      this.#capabilities,
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
    else this.#endBy(this.#leaving);
  }

  #take(transfer: ClientTransfer, octets: Uint8Array): void {
    const taken = transfer.take(octets);
    if (taken.kind === "unfit") this.#end("content unfit", taken.why);
    else if (taken.kind === "broken") this.#contentMissing();
    else this.#turn = taken.kind;
  }

  #contentMissing(): void {
    this.#end("content unavailable", statuses.CONTENT_UNAVAILABLE);
  }

  // ---- Ends ----

  plaintext(): void {
    this.#end("plaintext after STARTTLS", statuses.plaintextAfterStartTls(this.#settings.remote));
  }

  malformed(why: string): void {
    this.#end("malformed reply", statuses.malformed(this.#settings.remote, why));
  }

  silent(): void {
    this.#endOfConnection(
      "timeout",
      statuses.silent(this.#settings.remote, momentText(this.#moment())),
    );
  }

  lost(): void {
    this.#endOfConnection(
      "closed by server",
      statuses.lost(this.#settings.remote, momentText(this.#moment())),
    );
  }

  #endOfConnection(ending: SmtpClientEnding, why: Status): void {
    if (this.#stage === "QUIT") this.#voice.end("quit");
    else if (this.#turn !== "handshake") this.#end(ending, why);
    else this.#end("handshake failed", statuses.handshakeFailed(this.#settings.remote));
  }

  /** In words of the server, which is about to close or to be left. */
  #endBy(reply: Reply): void {
    this.#over("refused", statuses.outcomeOf(reply, this.#settings.remote), true);
  }

  #end(ending: SmtpClientEnding, status: Status, reply?: RemoteReply): void {
    this.#over(ending, reply === undefined ? { status } : { status, reply }, false);
  }

  /** `answered`: the server said so itself. What is settled already stays as it is. */
  #over(ending: SmtpClientEnding, why: Outcome, answered: boolean): void {
    this.#transfer?.lost(why, answered);
    this.#transfer?.tellSettled();
    this.#transfer = undefined;
    this.#voice.end(ending, why);
  }

  #moment(): Moment {
    return { stage: this.#stage, turn: this.#turn, awaited: this.#transfer?.awaited };
  }
}
