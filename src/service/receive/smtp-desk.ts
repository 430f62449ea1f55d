/**
 * Performs what an SMTP server session asks: has recipients judged, takes the content in, commits. One
 * for each session. Whatever it cannot find out is 451; a message is in the store before its 250 is said.
 */
import {
  formatAddress,
  isPositive,
  messageId,
  type MessageId,
  type ReversePath,
  type Status,
} from "../../mail/index.ts";
import type { Desk, TlsFacts } from "../../protocol/dialogue/index.ts";
import type { SaslAsk } from "../../protocol/sasl/index.ts";
import type { SmtpAnswer, SmtpAsk, SmtpEnding, SmtpTell } from "../../protocol/smtp/index.ts";
import { errorText } from "../../runtime/index.ts";
import type { CheckedClient } from "../authentication/index.ts";
import type { SessionRecord } from "../../store/index.ts";
import { Recorder, type NewEvent, type SessionFrame } from "../record/index.ts";
import type { SessionSeen } from "./acceptance.ts";
import type { RecipientAsk } from "./recipient-taking.ts";
import type { ReceiveDeps, ReceivedFrom } from "./deps.ts";
import { EnvelopeJudge, type SenderAsk } from "./envelope-judge.ts";
import { Intake } from "./intake.ts";
import { SenderLogin } from "./login.ts";
import { MessageJudge } from "./message-judge.ts";
import type { Origin } from "./origin.ts";
import { isOurs } from "./ours.ts";
import { pathKey } from "./path-key.ts";
import { SessionCaller } from "./session-caller.ts";
import { contentRefused, ruling, TOO_MANY_BODIES, UNDECIDED, type Ruling } from "./rulings.ts";
import { NO_DRAFT } from "./test-returns.ts";
import { Transaction } from "./transaction.ts";
import { Sampling, trapFor } from "./traps.ts";

type Reply = (answer: SmtpAnswer) => void;
type ContentAsk = SmtpAsk & { readonly kind: "content" };

/** What became of a message. */
interface Outcome {
  readonly message: MessageId;
  readonly octets: number;
  readonly decision: Ruling;
  /** Nothing of it was committed as a message, so its record is the session's. */
  readonly isEvidenceOnly: boolean;
}

const PROCEED = { kind: "proceed" } as const;

export class SmtpDesk implements Desk<SmtpAsk, SmtpTell, SmtpAnswer> {
  readonly #deps: ReceiveDeps;
  readonly #from: ReceivedFrom;
  readonly #recorder: Recorder;
  readonly #login: SenderLogin;
  readonly #caller: SessionCaller;
  readonly #judge: EnvelopeJudge;
  readonly #messageJudge: MessageJudge;
  #tls: TlsFacts | undefined;
  #helo: { readonly verb: "EHLO" | "HELO"; readonly name: string } = { verb: "HELO", name: "" };
  #stopGreeting = (): void => {};
  #transaction: Transaction | undefined;
  #intake: Intake | undefined;
  /** Messages whose content came in whole, accepted or not. */
  #messages = 0;
  #accepted = 0;
  /** What came back of a relay test is to be found by itself. */
  #hasEvidence = false;
  /** A message is between its end and its answer, or a login is being checked. */
  #deciding = false;
  #ending: SmtpEnding | undefined;

  constructor(deps: ReceiveDeps, from: ReceivedFrom) {
    this.#deps = deps;
    this.#from = from;
    this.#tls = from.tls;
    this.#recorder = new Recorder(from.session, deps.clock);
    const { accounts, log } = deps;
    const record = (event: NewEvent): void => this.#recorder.add(event);
    this.#login = new SenderLogin({ accounts, log, record }, from);
    this.#caller = new SessionCaller(deps.callers, from.tls?.clientCertificates);
    this.#judge = new EnvelopeJudge(deps, from, record, this.#caller);
    this.#messageJudge = new MessageJudge(deps, from, record, this.#caller);
  }

  ask(ask: SmtpAsk, reply: Reply): void {
    switch (ask.kind) {
      case "connected":
        this.#stopGreeting = this.#deps.greetingDelay(() => reply(PROCEED));
        return;
      case "helo":
        this.#helo = { verb: ask.verb, name: ask.name };
        return reply(this.#login.external ? { ...PROCEED, external: true } : PROCEED);
      case "sender":
        return this.#eventually(
          reply,
          () => this.#sender(ask),
          ({ status: said }) => ({ kind: "refused", command: "MAIL", status: said }),
        );
      case "credentials":
      case "verifier":
      case "proof":
      case "external":
        return this.#logIn(ask, reply);
      case "recipient":
        return this.#eventually(
          reply,
          () => this.#recipient(ask),
          (decision) => ({
            kind: "recipient",
            address: pathKey(ask.forwardPath),
            decision,
          }),
        );
      case "content":
        return this.#eventually(
          reply,
          () => this.#openIntake(ask),
          ({ status: said }) => contentRefused(ask.chunked, said),
        );
      case "message":
        return this.#message(ask.octets, reply);
    }
  }

  tell(tell: SmtpTell): void {
    switch (tell.kind) {
      case "secured":
        this.#tls = tell.tls;
        this.#caller.shows(tell.tls.clientCertificates);
        return this.#login.secured(tell.tls); // RFC 3207 §4.2
      case "reset":
        return this.#forget();
      case "refused":
        return this.#recorder.add({ kind: "refused", command: tell.command, status: tell.status });
      case "ended":
        this.#ending = tell.ending;
        this.#stopGreeting();
        this.#forget();
        return this.#endRecord();
    }
  }

  body(slice: Uint8Array, drained: () => void): boolean {
    return this.#intake?.take(slice, drained) ?? true;
  }

  /** Replies at once where the answer is known at once; what nobody could decide is noted as the event that `asEvent` makes. */
  #eventually(
    reply: Reply,
    answer: () => SmtpAnswer | Promise<SmtpAnswer>,
    asEvent: (decision: Ruling) => NewEvent,
  ): void {
    const failed = (error: unknown): SmtpAnswer => {
      const decision = this.#undecided(error);
      this.#recorder.add(asEvent(decision));
      return { kind: "status", status: decision.status };
    };
    let known: SmtpAnswer | Promise<SmtpAnswer>;
    try {
      known = answer();
    } catch (error) {
      known = failed(error);
    }
    if (known instanceof Promise) void known.catch(failed).then(reply);
    else reply(known);
  }

  /** A store or directory that fails makes no decision: 451. */
  #undecided(error: unknown): Ruling {
    const problem = errorText(error);
    this.#deps.log.error("undecided", { session: this.#from.session, problem });
    return ruling("undecided", UNDECIDED, { problem });
  }

  // ---- AUTH ----

  /** Whoever guesses may not wait for the answer; what came of the guess is written down all the same. */
  #logIn(ask: SaslAsk, reply: Reply): void {
    this.#deciding = true;
    const answered: Reply = (answer) => {
      this.#deciding = false;
      this.#endRecord();
      reply(answer);
    };
    this.#eventually(
      answered,
      () => this.#login.answer(ask),
      ({ status: said }) => ({ kind: "refused", command: "AUTH", status: said }),
    );
  }

  // ---- MAIL ----

  #sender(ask: SenderAsk): SmtpAnswer | Promise<SmtpAnswer> {
    const takenBack = this.#login.takenBack();
    if (takenBack !== undefined)
      return this.#no(takenBack, { kind: "refused", command: "MAIL", status: takenBack });
    const begin = (refusal: Status | undefined): SmtpAnswer => {
      if (refusal !== undefined) return { kind: "status", status: refusal };
      this.#transaction = new Transaction(ask.reversePath, { ...ask.parameters, ...ask.dsn });
      return PROCEED;
    };
    const ruled = this.#judge.sender(ask, this.#login.current);
    return ruled instanceof Promise ? ruled.then(begin) : begin(ruled);
  }

  /** A login may have been taken back since MAIL. */
  #takenBack(): Ruling | undefined {
    const said = this.#login.takenBack();
    return said && ruling("login", said, {});
  }

  /** Said, and written down. */
  #no(said: Status, event: NewEvent): SmtpAnswer {
    this.#recorder.add(event);
    return { kind: "status", status: said };
  }

  // ---- RCPT ----

  #recipient(ask: RecipientAsk): SmtpAnswer | Promise<SmtpAnswer> {
    if (this.#transaction === undefined) throw new Error("a recipient of no transaction");
    const decision = this.#takenBack();
    if (decision !== undefined)
      return this.#no(decision.status, {
        kind: "recipient",
        address: pathKey(ask.forwardPath),
        decision,
      });
    const seen = this.#clientAsSeen(this.#transaction.reversePath);
    return this.#judge.recipient(ask, this.#transaction, this.#login.current, seen);
  }

  // ---- DATA and BDAT ----

  #openIntake(ask: ContentAsk): SmtpAnswer {
    const takenBack = this.#login.takenBack();
    if (takenBack !== undefined) return this.#no(takenBack, contentRefused(ask.chunked, takenBack));
    if (!this.#deps.bodies.makeRoom(this.#deps.limits.bodies))
      return this.#no(TOO_MANY_BODIES, contentRefused(ask.chunked, TOO_MANY_BODIES));
    const { messages, limits, hostname, signing, asksLists } = this.#deps;
    const { client } = this.#judge;
    const trap = trapFor(this.#deps.traps, this.#transaction, client, this.#caller);
    const origin = this.#origin();
    const { isReportedOnly = false, reversePath = null } = this.#transaction ?? {};
    const { isEvidenceOnly = false, tests = [] } = this.#transaction ?? {};
    this.#intake = new Intake(isEvidenceOnly ? NO_DRAFT : messages.openMessage(), {
      headerLimitOctets: limits.headerOctets,
      hostname,
      leaves: this.#transaction?.isQueued === true,
      kind: isOurs(client) ? "submission" : "arrival",
      ...(this.#isSigned() && { signing }),
      ...(origin !== undefined && { origin }),
      ...(isReportedOnly && reversePath !== null && { reportedTo: reversePath }),
      asksLists: asksLists && !isEvidenceOnly,
      keepsSection: tests.length > 0 || trap !== undefined,
      ...(trap !== undefined && { sampling: new Sampling(trap) }),
    });
    this.#deps.bodies.enter(this.#intake);
    return PROCEED;
  }

  /** A login is held to its own addresses in From; a trusted network's host may name anybody, so nothing is signed for it. */
  #isSigned(): boolean {
    return this.#transaction?.leaves === true && this.#judge.client.login !== undefined;
  }

  /**
   * What we say of our own people's mail is their signature; a trusted network's host hands in what came to it, from nobody here; what a
   * peer relays is judged by whoever gets it. Evidence is judged by nobody.
   */
  #origin(): Origin | undefined {
    const transaction = this.#transaction;
    if (isOurs(this.#judge.client) || transaction?.passesThrough === true) return undefined;
    if (transaction?.isEvidenceOnly === true) return undefined;
    const { origins, waysOut } = this.#deps;
    const forwarding = transaction?.forwardingDomains((to) => waysOut.isGatewayDomain(to)) ?? [];
    const reversePath = transaction?.reversePath ?? null;
    return origins.open(forwarding, this.#clientAsSeen(reversePath));
  }

  #clientAsSeen(reversePath: ReversePath): CheckedClient {
    return {
      ip: this.#from.ip,
      helo: this.#helo.name,
      sender: reversePath === null ? "" : formatAddress(reversePath),
    };
  }

  /** The intake is held here until the message is decided: an end of the session meanwhile takes nothing away from it. */
  #message(octets: number, reply: Reply): void {
    const [intake, transaction] = [this.#intake, this.#transaction];
    if (intake === undefined || transaction === undefined)
      throw new Error("a message ended that had not begun");
    this.#intake = this.#transaction = undefined;
    this.#deciding = true;
    const message = messageId(this.#from.session, ++this.#messages);
    const { client } = this.#judge;
    const { isEvidenceOnly } = transaction;
    const whole = { id: message, octets, intake, transaction, client };
    const recordOf = (event: NewEvent): SessionRecord =>
      this.#recorder.withAcceptance(this.#frame(), event);
    const decide = async (): Promise<Ruling> =>
      this.#takenBack() ?? this.#messageJudge.decide(whole, this.#seen(), recordOf);
    void decide()
      .catch((error: unknown) => this.#undecided(error))
      .then((decision) =>
        this.#settle({ message, octets, decision, isEvidenceOnly }, intake, reply),
      );
  }

  /** As the message's trace and its record show it. */
  #seen(): SessionSeen {
    const login = this.#login.current;
    return {
      hostname: this.#deps.hostname,
      helo: this.#helo,
      ip: this.#from.ip,
      ...(this.#tls !== undefined && { tls: this.#tls }),
      ...(login !== undefined && { login }),
    };
  }

  /**
   * The decision is said whatever becomes of our books: nobody is below us to catch an exception here, and a message that
   * is stored must not be sent again because of one.
   */
  #settle(outcome: Outcome, intake: Intake, reply: Reply): void {
    this.#deciding = false;
    try {
      this.#writeDown(outcome, intake);
    } catch (error) {
      this.#deps.log.error("session failed", {
        session: this.#from.session,
        problem: errorText(error),
        todo: "this is a fault of the server; report it with this line",
      });
    }
    reply({ kind: "status", status: outcome.decision.status });
  }

  #writeDown({ isEvidenceOnly, ...outcome }: Outcome, intake: Intake): void {
    const isTaken = isPositive(outcome.decision.status);
    if (isTaken) this.#accepted++;
    if (isTaken && !isEvidenceOnly) {
      this.#recorder.kept();
    } else {
      const named = this.#messageJudge.namedBy(outcome.message, intake);
      this.#recorder.add({ kind: "message", ...outcome, ...named });
      this.#hasEvidence ||= isTaken;
    }
    this.#release(intake);
    this.#endRecord();
  }

  #forget(): void {
    const intake = this.#intake;
    this.#transaction = this.#intake = undefined;
    if (intake !== undefined) this.#release(intake);
  }

  #release(intake: Intake): void {
    this.#deps.bodies.leave(intake);
    intake.abandon();
  }

  // ---- Journal ----

  /** Once the session has ended and its last message or login is decided. */
  #endRecord(): void {
    if (this.#ending === undefined || this.#deciding) return;
    const record = this.#recorder.end(this.#frame(), this.#ending, !this.#hasEvidence);
    if (record !== undefined) this.#deps.journal.note(record);
    this.#deps.log.info("smtp session", {
      session: this.#from.session,
      ip: this.#from.ip,
      helo: this.#helo.name,
      ...(this.#login.current !== undefined && { login: this.#login.current.address }),
      accepted: this.#accepted,
      ending: this.#ending,
    });
  }

  #frame(): SessionFrame {
    const { session, ip, port, listener, proxy } = this.#from;
    const caller = this.#caller.facts;
    return {
      protocol: "smtp",
      session,
      listener,
      ip,
      port,
      ...(proxy !== undefined && { proxied: proxy }),
      ...(this.#tls !== undefined && { tls: this.#tls }),
      ...(caller !== undefined && { caller }),
      ...(this.#helo.name !== "" && { helo: this.#helo.name }),
    };
  }
}
