/**
 * The SMTP server (RFC 5321) as an engine: octets of the client and answers of the desk in, steps out. It
 * checks grammar, order and limits; who may send what to whom is the desk's. Promises: one reply for each
 * command, in order; nothing after the end; exactly one `ended`; content is passed on without a copy.
 */
import { Input, NO_STEPS, type Session, type Steps, type TlsFacts } from "../dialogue/index.ts";
import { outcomeOf } from "./commands.ts";
import { readCommandLine } from "./grammar.ts";
import { greeting, OCTET_FAULTS, REPLIES } from "./replies.ts";
import type { SmtpAnswer, SmtpAsk, SmtpSettings, SmtpTell } from "./requests.ts";
import { ServerMoves, type Turn } from "./server-moves.ts";
import { ServerVoice } from "./server-voice.ts";

/** Stands for a line that the desk is not told. */
const UNSHOWN = new TextEncoder().encode("...");

export class SmtpServerSession implements Session<SmtpAsk, SmtpTell, SmtpAnswer> {
  readonly #settings: SmtpSettings;
  readonly #input = new Input();
  readonly #voice: ServerVoice;
  readonly #moves: ServerMoves;
  #spokeEarly = false;
  #stopping = false;
  /** Commands wait until the wire has taken the replies to those before them. */
  #flushing = false;
  #progress = 0;

  constructor(settings: SmtpSettings) {
    this.#settings = settings;
    this.#voice = new ServerVoice(settings);
    this.#moves = new ServerMoves(settings, this.#voice);
  }

  start(): Steps<SmtpAsk, SmtpTell> {
    this.#moves.connect();
    return this.#voice.take();
  }

  receive(bytes: Uint8Array): Steps<SmtpAsk, SmtpTell> {
    if (this.#voice.ended) return NO_STEPS;
    if (this.#moves.connecting) this.#spokeEarly ||= bytes.length > 0;
    // Not part of the handshake, so it came in the clear (RFC 3207 §6).
    else if (this.#moves.turn === "handshake") this.#voice.end("plaintext after STARTTLS");
    else this.#input.append(bytes);
    return this.#run();
  }

  answer(answer: SmtpAnswer): Steps<SmtpAsk, SmtpTell> {
    if (this.#voice.ended) return NO_STEPS;
    const { connecting } = this.#moves;
    this.#moves.answered(answer);
    if (connecting && !this.#voice.ended) this.#greet();
    return this.#run();
  }

  drained(): Steps<SmtpAsk, SmtpTell> {
    this.#flushing = false;
    return this.#run();
  }

  secured(facts: TlsFacts): Steps<SmtpAsk, SmtpTell> {
    if (this.#voice.ended) return NO_STEPS;
    this.#moves.secured(facts);
    return this.#run();
  }

  timeout(): Steps<SmtpAsk, SmtpTell> {
    if (this.#voice.ended) return NO_STEPS;
    // In the middle of a handshake there is no way to say anything.
    this.#voice.end("timeout", this.#moves.turn === "handshake" ? undefined : REPLIES.silent);
    return this.#run();
  }

  shutdown(): Steps<SmtpAsk, SmtpTell> {
    this.#stopping = true;
    return this.#run();
  }

  closed(): Steps<SmtpAsk, SmtpTell> {
    if (!this.#voice.ended) this.#voice.left();
    return this.#run();
  }

  /** Whoever has logged in is no stranger. */
  patienceMs(crowded = false): number {
    const { commandTimeMs, contentTimeMs, crowdedTimeMs } = this.#settings.limits;
    const usual = this.#moves.turn === "content" ? contentTimeMs : commandTimeMs;
    const isStranger = !this.#moves.situation.loggedIn;
    return crowded && isStranger ? Math.min(usual, crowdedTimeMs) : usual;
  }

  progress(): number {
    return this.#progress;
  }

  #greet(): void {
    if (this.#spokeEarly) this.#voice.end("early talker", REPLIES.earlyTalker);
    else if (!this.#stopping) this.#voice.text(greeting(this.#settings.hostname));
  }

  /** Deals with what waits until it is used up, it is somebody else's turn, or all is over. */
  #run(): Steps<SmtpAsk, SmtpTell> {
    while (!this.#voice.ended) {
      if (!this.#next(this.#moves.turn)) break;
    }
    if (this.#voice.ended) this.#input.clear();
    return this.#voice.take();
  }

  /** False when nothing goes on before something else comes. */
  #next(turn: Turn): boolean {
    switch (turn) {
      case "commands":
        return this.#nextCommand();
      case "response":
        return this.#nextResponse();
      case "content":
        return this.#nextContent();
      case "desk":
      case "handshake":
        return false;
    }
  }

  /** False when there is no complete command. */
  #nextCommand(): boolean {
    this.#voice.about(undefined);
    if (this.#mustStop() || this.#mustFlush()) return false;
    const line = this.#takeLine();
    if (line === undefined) return false;
    if (line === "too long") this.#voice.refuse(REPLIES.lineTooLong);
    else this.#obey(line);
    return true;
  }

  /** A line of an AUTH exchange. False when there is no complete one. */
  #nextResponse(): boolean {
    if (this.#mustStop()) return false;
    const line = this.#takeLine();
    if (line === undefined) return false;
    if (line === "too long") this.#moves.login.tooLong();
    else this.#moves.login.respond(line);
    return true;
  }

  /** Ends the session where that is wanted. A message that has begun to come by BDAT may still be finished. */
  #mustStop(): boolean {
    if (!this.#stopping || this.#moves.situation.state === "chunks") return false;
    this.#voice.end("shutdown", REPLIES.shuttingDown);
    return true;
  }

  #mustFlush(): boolean {
    if (!this.#flushing && this.#voice.isLong) {
      this.#voice.flush();
      this.#flushing = true;
    }
    return this.#flushing;
  }

  /** Undefined when none is complete, or none can follow. */
  #takeLine(): Uint8Array | "too long" | undefined {
    const line = this.#input.takeLine(this.#lineLimit);
    switch (line.kind) {
      case "more":
        this.#voice.sent(); // there is nothing to do but to write it out
        return undefined;
      case "fault":
        this.#voice.refuseAndEnd(OCTET_FAULTS.command[line.fault], line.fault);
        return undefined;
      case "too-long":
        this.#progress++;
        return "too long";
      case "line":
        this.#progress++;
        return line.bytes;
    }
  }

  /** A login may be longer than any other command (RFC 4954 §4). */
  get #lineLimit(): number {
    const { limits, submission } = this.#settings;
    return Math.max(limits.commandLineOctets, submission?.saslLineOctets ?? 0);
  }

  #obey(bytes: Uint8Array): void {
    const line = readCommandLine(bytes);
    const { limits, submission } = this.#settings;
    const isAuth = typeof line === "object" && line.verb === "AUTH";
    if (!isAuth && bytes.length + 2 > limits.commandLineOctets)
      return this.#voice.refuse(REPLIES.lineTooLong);
    // What is no command may be a password, of a client that did not read our no to its AUTH.
    const isOurs = typeof line === "object" || line === "notImplemented";
    this.#voice.about(isOurs || submission === undefined ? bytes : UNSHOWN);
    if (typeof line === "string") return this.#voice.refuse(REPLIES[line]);
    const outcome = outcomeOf(line, this.#moves.situation, this.#settings);
    // What already waits came in the clear and would be obeyed as if it had not (RFC 3207 §6, relay catalogue R104).
    if (outcome.kind === "start-tls" && this.#input.length > 0)
      return this.#voice.refuseAndEnd(REPLIES.plaintextAfterStartTls, "plaintext after STARTTLS");
    this.#moves.perform(outcome);
  }

  /** False when the content goes on. */
  #nextContent(): boolean {
    const waiting = this.#input.length;
    const result = this.#moves.content.read(this.#input);
    this.#progress += waiting - this.#input.length;
    if (result.kind === "more") return false;
    this.#moves.contentEnded(result);
    return true;
  }
}
