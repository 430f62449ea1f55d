/**
 * What the server does once it is clear what is to be done: performs the outcomes of commands, the answers of
 * the desk and the ends of content. It knows where the session stands and whose turn it is.
 */
import { isPositive, type Status } from "../../mail/index.ts";
import type { TlsFacts } from "../dialogue/index.ts";
import { mechanismsFor, type Outcome, type Situation } from "./commands.ts";
import { ContentIntake, type IntakeResult, type Refusal } from "./content-intake.ts";
import type { BdatArguments } from "./grammar.ts";
import * as replies from "./replies.ts";
import { REPLIES } from "./replies.ts";
import type { SmtpAnswer, SmtpAsk, SmtpSettings } from "./requests.ts";
import { isLoginAsk, ServerLogin, type LoginAsk } from "./server-login.ts";
import { inTransaction, type State } from "./server-states.ts";
import type { ServerVoice } from "./server-voice.ts";

/** Whose turn it is, and with what. */
export type Turn =
  | "desk" // an ask is open: what comes waits
  | "commands"
  | "response" // to a challenge of AUTH
  | "content"
  | "handshake";

type UsualAsk = Exclude<SmtpAsk, LoginAsk>;

export class ServerMoves {
  readonly #settings: SmtpSettings;
  readonly #voice: ServerVoice;
  readonly #now: { -readonly [K in keyof Situation]: Situation[K] };
  readonly content: ContentIntake;
  readonly login: ServerLogin;
  #turn: Turn = "desk";
  #asked: SmtpAsk | undefined;
  /** Where a yes to the open ask leads. */
  #leadsTo: State = "fresh";

  constructor(settings: SmtpSettings, voice: ServerVoice) {
    this.#settings = settings;
    this.#voice = voice;
    this.content = new ContentIntake(settings.limits.messageOctets, {
      pass: (slice) => voice.body(slice),
      void: () => this.#voidTransaction("greeted"),
    });
    this.login = new ServerLogin(voice, {
      ask: (ask) => this.#ask(ask, this.#now.state),
      awaits: (what) => (this.#turn = what),
      done: () => (this.#now.loggedIn = true),
    });
    const exporter = settings.tls?.exporter;
    this.#now = {
      state: "fresh",
      secured: settings.startTls === "established",
      ...(exporter !== undefined && { exporter }),
      certificate: showedCertificate(settings.tls),
      external: false,
      loggedIn: false,
      transactions: 0,
      smtputf8: false,
      recipients: 0,
      surplusRecipients: 0,
    };
  }

  get turn(): Turn {
    return this.#turn;
  }

  get situation(): Situation {
    return this.#now;
  }

  /** The client is not greeted yet. */
  get connecting(): boolean {
    return this.#asked?.kind === "connected";
  }

  connect(): void {
    const { tls } = this.#settings;
    if (tls !== undefined) this.#voice.tell({ kind: "secured", tls });
    this.#ask({ kind: "connected" }, "fresh");
  }

  secured(tls: TlsFacts): void {
    if (this.#turn !== "handshake") throw new Error("a handshake that was not asked for");
    this.#voidTransaction("fresh"); // RFC 3207 §4.2
    this.#now.secured = true;
    this.#now.loggedIn = false;
    if (tls.exporter !== undefined) this.#now.exporter = tls.exporter;
    this.#now.certificate = showedCertificate(tls);
    this.#now.external = false;
    this.#turn = "commands";
    this.#voice.tell({ kind: "secured", tls });
  }

  // ---- Commands ----

  perform(outcome: Outcome): void {
    switch (outcome.kind) {
      case "reply":
        return this.#voice.say(REPLIES[outcome.reply]);
      case "refuse":
        return this.#voice.refuse(REPLIES[outcome.reply]);
      case "surplus-recipient":
        return this.#refuseRecipient(outcome.excused);
      case "ask":
        return this.#ask(outcome.ask, outcome.state);
      case "chunk":
        return this.#chunk(outcome.chunk);
      case "refused-chunk":
        this.content.announce(outcome.chunk);
        return this.#skipChunk({ status: REPLIES[outcome.reply], ours: true });
      case "reset":
        this.#voidTransaction(outcome.state);
        return this.#voice.say(REPLIES.done);
      case "start-tls":
        return this.#startTls();
      case "login":
        return this.login.begin(outcome.mechanism, outcome.initialResponse, this.#now.exporter);
      case "quit":
        return this.#voice.end("quit", REPLIES.goodbye);
      case "end":
        return this.#voice.refuseAndEnd(REPLIES[outcome.reply], outcome.ending);
    }
  }

  #ask(ask: SmtpAsk, leadsTo: State): void {
    if (ask.kind === "sender") this.#now.transactions++;
    this.#asked = ask;
    this.#leadsTo = leadsTo;
    this.#turn = "desk";
    this.#voice.ask(ask);
  }

  #refuseRecipient(excused: boolean): void {
    this.#now.surplusRecipients++;
    if (excused) this.#voice.refuseExcused(REPLIES.tooManyRecipients);
    else this.#voice.refuse(REPLIES.tooManyRecipients);
  }

  #startTls(): void {
    this.#voice.say(REPLIES.readyForTls);
    this.#voice.startTls();
    this.#turn = "handshake";
  }

  #chunk(chunk: BdatArguments): void {
    this.content.announce(chunk);
    if (!this.content.hasRoomFor(chunk)) {
      this.#voidTransaction("greeted");
      this.#skipChunk({ status: REPLIES.tooLarge, ours: true });
    } else if (this.#now.state === "chunks") {
      this.#readChunk();
    } else {
      this.#ask({ kind: "content", chunked: true }, "chunks");
    }
  }

  // ---- Content ----

  #readData(): void {
    this.#voice.text(replies.START_CONTENT);
    this.content.beginData();
    this.#turn = "content";
  }

  #readChunk(): void {
    this.content.beginChunk();
    this.#turn = "content";
  }

  #skipChunk(refusal: Refusal): void {
    this.content.skipChunk(refusal);
    this.#turn = "content";
  }

  /** What came of content, unless there is more of it. */
  contentEnded(result: Exclude<IntakeResult, { readonly kind: "more" }>): void {
    this.#turn = "commands";
    switch (result.kind) {
      case "fault":
        this.#voidTransaction("greeted");
        return this.#voice.refuseAndEnd(replies.OCTET_FAULTS.content[result.fault], result.fault);
      case "refused":
        return result.refusal.ours
          ? this.#voice.refuse(result.refusal.status)
          : this.#voice.refuseForDesk(result.refusal.status);
      case "chunk":
        this.#now.state = "chunks";
        return this.#voice.say(replies.chunkReceived(result.octets));
      case "message":
        return this.#ask({ kind: "message", octets: result.octets }, "greeted");
    }
  }

  // ---- Answers ----

  answered(answer: SmtpAnswer): void {
    const ask = this.#asked;
    if (ask === undefined) throw new Error("an answer without an ask");
    this.#asked = undefined;
    this.#turn = "commands";
    if (answer.kind === "end") return this.#voice.end("refused", answer.status);
    if (isLoginAsk(ask)) return this.login.answered(answer);
    if (answer.kind === "authenticated" || answer.kind === "verifier")
      throw new Error(`"${answer.kind}" is no answer to "${ask.kind}"`);
    if (ask.kind === "helo")
      this.#now.external =
        this.#now.certificate && answer.kind === "proceed" && answer.external === true;
    const status = answer.kind === "proceed" ? undefined : answer.status;
    if (status !== undefined && !isPositive(status)) this.#denied(ask, status);
    else this.#granted(ask, status);
  }

  #denied(ask: UsualAsk, status: Status): void {
    switch (ask.kind) {
      case "connected":
        return this.#voice.end("refused", status);
      case "content":
        this.#voidTransaction("greeted");
        if (ask.chunked) return this.#skipChunk({ status, ours: false });
        return this.#voice.refuseForDesk(status);
      case "message":
        this.#now.state = this.#leadsTo;
        return this.#voice.refuseForDesk(status);
      case "helo":
      case "sender":
      case "recipient":
        return this.#voice.refuseForDesk(status);
    }
  }

  #granted(ask: UsualAsk, words: Status | undefined): void {
    switch (ask.kind) {
      case "connected":
        return undefined; // whether there is still reason to greet, the session knows
      case "helo":
        this.#voidTransaction(this.#leadsTo);
        return this.#voice.text(this.#welcome(ask.verb));
      case "sender":
        this.#beginTransaction(ask.parameters.smtputf8);
        return this.#voice.say(words ?? REPLIES.senderOk);
      case "recipient":
        this.#now.state = this.#leadsTo;
        this.#now.recipients++;
        return this.#voice.say(words ?? REPLIES.recipientOk);
      case "content":
        return ask.chunked ? this.#readChunk() : this.#readData();
      case "message":
        this.#now.state = this.#leadsTo;
        return this.#voice.say(words ?? replies.messageAccepted(this.#settings.sessionId));
    }
  }

  #welcome(verb: "EHLO" | "HELO"): string {
    const { hostname, startTls } = this.#settings;
    if (verb === "HELO") return replies.heloReply(hostname);
    const mechanisms = mechanismsFor(this.#now, this.#settings);
    return replies.ehloReply(this.#settings, {
      startTls: startTls === "offered" && !this.#now.secured,
      mechanisms,
      // Said before the login too: most clients do not ask again after it.
      forUsers: this.#now.loggedIn || mechanisms.length > 0,
    });
  }

  #beginTransaction(smtputf8: boolean): void {
    this.content.reset();
    this.#now.state = this.#leadsTo;
    this.#now.smtputf8 = smtputf8;
    this.#now.recipients = this.#now.surplusRecipients = 0;
  }

  #voidTransaction(state: State): void {
    if (inTransaction(this.#now.state)) this.#voice.tell({ kind: "reset" });
    this.#now.state = state;
  }
}

function showedCertificate(tls: TlsFacts | undefined): boolean {
  return (tls?.clientCertificates ?? []).length > 0;
}
