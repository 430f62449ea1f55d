/**
 * The server's side of a POP3 session: RFC 1939 with CAPA (2449), STLS (2595), AUTH (5034) and UTF8 (6856).
 * It promises that nothing is deleted but at QUIT, that a maildrop is open only while it says so, and that a
 * message is sent whole, or without its end mark and the connection closed.
 */
import {
  CLOSE,
  FLUSH,
  Input,
  NO_STEPS,
  REPLIES_LIMIT,
  START_TLS,
  type Session,
  type Step,
  type Steps,
  type TlsFacts,
} from "../dialogue/index.ts";
import {
  findMechanism,
  offeredMechanisms,
  sendsPassword,
  type OfferedMechanisms,
} from "../sasl/index.ts";
import { capabilityList } from "./capabilities.ts";
import { parseCommand, type Command } from "./grammar.ts";
import { isInternational } from "./international.ts";
import { Login, type LoginStep } from "./login.ts";
import { OpenMaildrop } from "./open-maildrop.ts";
import { OK, greeting, isCounted, refusalLine, type RefusalName } from "./replies.ts";
import type {
  LoginRefusal,
  Pop3Answer,
  Pop3Ask,
  Pop3Ending,
  Pop3Settings,
  Pop3Tell,
} from "./requests.ts";
import type { Retrieval } from "./retrieval.ts";
import { transact, type TransactionStep } from "./transaction.ts";

type Pop3Steps = Steps<Pop3Ask, Pop3Tell>;
type Pop3Step = Step<Pop3Ask, Pop3Tell>;

/** Whose turn it is. */
type Phase =
  | { readonly kind: "client" } // a line of the client is awaited
  | { readonly kind: "login" } // the desk is asked who the client is
  | { readonly kind: "opening" }
  | { readonly kind: "listing"; readonly portions: Iterator<string> }
  | { readonly kind: "retrieving"; readonly retrieval: Retrieval }
  | { readonly kind: "removing"; readonly messages: number }
  | { readonly kind: "securing" }
  | { readonly kind: "over" };

/** RFC 1939 §4: what may be said before login. CAPA and QUIT may always be said. */
type AuthorizationCommand = Extract<
  Command,
  { readonly verb: "USER" | "PASS" | "APOP" | "AUTH" | "STLS" | "UTF8" }
>;

const CLIENT: Phase = { kind: "client" };
/** The client's lines wait until the wire has taken what was said. */
const NOTHING_MORE: Phase = { kind: "listing", portions: [].values() };

export class Pop3ServerSession implements Session<Pop3Ask, Pop3Tell, Pop3Answer> {
  readonly #settings: Pop3Settings;
  readonly #input = new Input();
  #phase: Phase = CLIENT;
  readonly #login = new Login();
  /** Present from login on: the TRANSACTION state. */
  #maildrop: OpenMaildrop | undefined;
  #secured: boolean;
  /** Of the TLS connection, where there is something to bind a login to. */
  #exporter: Uint8Array | undefined;
  #utf8 = false;
  #stopping = false;
  #errors = 0;
  #progress = 0;
  /** Octets of messages since the wire was last waited for: small ones that were asked for together leave together. */
  #unflushed = 0;

  constructor(settings: Pop3Settings) {
    this.#settings = settings;
    this.#secured = settings.startTls === "established";
    this.#exporter = settings.tls?.exporter;
  }

  start(): Pop3Steps {
    const { hostname, sessionId, tls } = this.#settings;
    const hello: Pop3Step = say(greeting(hostname, sessionId));
    return tls === undefined ? [hello] : [{ kind: "tell", tell: { kind: "secured", tls } }, hello];
  }

  receive(bytes: Uint8Array): Pop3Steps {
    if (this.#phase.kind === "over") return NO_STEPS;
    if (this.#phase.kind === "securing") return this.#end("plaintext after STLS");
    this.#input.append(bytes);
    return this.#proceed([]);
  }

  answer(answer: Pop3Answer): Pop3Steps {
    switch (this.#phase.kind) {
      case "login":
        return this.#checked(answer);
      case "opening":
        return this.#opened(answer);
      case "retrieving":
        return this.#read(this.#phase.retrieval, answer);
      case "removing":
        return this.#removed(this.#phase.messages, answer);
      case "over":
        return NO_STEPS;
      case "client":
      case "listing":
      case "securing":
        throw new Error(`no question is open, and the answer is "${answer.kind}"`);
    }
  }

  drained(): Pop3Steps {
    this.#progress++;
    this.#unflushed = 0;
    if (this.#phase.kind === "listing") return this.#list(this.#phase.portions);
    if (this.#phase.kind === "retrieving") return this.#retrieve(this.#phase.retrieval);
    return NO_STEPS;
  }

  /** RFC 2595 §4: everything that was said in plain text is forgotten. */
  secured(tls: TlsFacts): Pop3Steps {
    this.#secured = true;
    this.#exporter = tls.exporter;
    this.#utf8 = false; // and STLS itself, like any command, made a USER void
    return this.#resume([{ kind: "tell", tell: { kind: "secured", tls } }]);
  }

  /** RFC 1939 §3: nothing is deleted and nothing is said. */
  timeout(): Pop3Steps {
    return this.#end("timeout");
  }

  shutdown(): Pop3Steps {
    this.#stopping = true;
    return this.#proceed([]);
  }

  closed(): Pop3Steps {
    return this.#phase.kind === "over" ? NO_STEPS : [this.#over("closed by client")];
  }

  /** Whoever has logged in is no stranger, and RFC 1939 §3 promises ten minutes. */
  patienceMs(crowded = false): number {
    const { loginTimeMs, idleTimeMs, crowdedTimeMs } = this.#settings.limits;
    if (this.#maildrop !== undefined) return idleTimeMs;
    return crowded ? Math.min(loginTimeMs, crowdedTimeMs) : loginTimeMs;
  }

  progress(): number {
    return this.#progress;
  }

  // ---- Lines -------------------------------------------------------------------------------------

  /** It is the client's turn again: goes on with what it has said already. */
  #resume(steps: Pop3Step[]): Pop3Steps {
    this.#phase = CLIENT;
    return this.#proceed(steps);
  }

  #resumeRefusing(name: RefusalName): Pop3Steps {
    this.#phase = CLIENT;
    return this.#proceed([...this.#refuse(name)]); // which may have ended the session
  }

  /** Obeys line after line, while it is the client's turn and there are lines; after many replies the wire comes first. */
  #proceed(steps: Pop3Step[]): Pop3Steps {
    let said = 0;
    while (this.#phase.kind === "client") {
      const more = this.#stopping
        ? this.#end("shutdown", this.#no("stopping"))
        : this.#nextReplies(said);
      if (more === undefined) break;
      for (const step of more) if (step.kind === "send") said += step.data.length;
      steps.push(...more);
    }
    return steps;
  }

  #nextReplies(said: number): Pop3Steps | undefined {
    if (said <= REPLIES_LIMIT) return this.#takeLine();
    this.#phase = NOTHING_MORE;
    return [FLUSH];
  }

  /** What the next line leads to; undefined while it is not complete. */
  #takeLine(): Pop3Steps | undefined {
    const { commandLineOctets, saslLineOctets } = this.#settings.limits;
    const exchanging = this.#login.exchanging;
    const line = this.#input.takeLine(exchanging ? saslLineOctets : commandLineOctets);
    if (line.kind === "more") return undefined;
    if (line.kind === "fault") return this.#end(line.fault, this.#no(line.fault));
    this.#progress++;
    if (line.kind === "too-long") {
      this.#login.forget();
      return this.#refuse("line-too-long");
    }
    if (exchanging) return this.#authorize(this.#login.respond(line.bytes));
    const result = parseCommand(line.bytes);
    if (result.kind === "command") return this.#obey(result.command);
    this.#login.forget();
    return this.#refuse(result.fault);
  }

  #obey(command: Command): Pop3Steps {
    if (command.verb !== "PASS") this.#login.forget();
    switch (command.verb) {
      case "CAPA":
        return this.#capabilities();
      case "QUIT":
        return this.#quit();
      case "USER":
      case "PASS":
      case "APOP":
      case "AUTH":
      case "STLS":
      case "UTF8":
        return this.#maildrop === undefined
          ? this.#beforeLogin(command)
          : this.#refuse("logged-in-already");
      default:
        return this.#maildrop === undefined
          ? this.#refuse("log-in-first")
          : this.#transact(transact(command, this.#maildrop, this.#settings.limits.chunkOctets));
    }
  }

  #capabilities(): Pop3Steps {
    const beforeLogin = this.#maildrop === undefined;
    const stls = beforeLogin && !this.#secured && this.#settings.startTls === "offered";
    return this.#list([capabilityList({ ...this.#mechanisms, stls })].values());
  }

  // ---- AUTHORIZATION state -----------------------------------------------------------------------

  #beforeLogin(command: AuthorizationCommand): Pop3Steps {
    switch (command.verb) {
      case "STLS":
        return this.#startTls();
      case "UTF8":
        this.#utf8 = true;
        return [say(OK.utf8)];
      case "APOP":
        return this.#refuse("no-apop");
      case "USER":
        return this.#withPassword(() => this.#login.user(command.name));
      case "PASS":
        return this.#withPassword(() => this.#login.pass(command.password));
      case "AUTH":
        return this.#authenticate(command.mechanism, command.initialResponse);
    }
  }

  get #mechanisms(): OfferedMechanisms {
    return {
      passwords: this.#mayShowPassword,
      login: this.#settings.authLogin,
      ...(this.#exporter !== undefined && { exporter: this.#exporter }),
    };
  }

  get #mayShowPassword(): boolean {
    return this.#secured || this.#settings.plainTextLogin;
  }

  #authenticate(name: string, initialResponse: string | undefined): Pop3Steps {
    const mechanism = findMechanism(name);
    // A password that may not be shown here is refused in other words.
    const known = offeredMechanisms({ ...this.#mechanisms, passwords: true });
    if (mechanism === undefined || !known.includes(mechanism)) return this.#refuse("no-mechanism");
    const begin = () => this.#login.auth(mechanism, initialResponse, this.#exporter);
    return sendsPassword(mechanism) ? this.#withPassword(begin) : this.#authorize(begin());
  }

  /** A password never crosses an open network, so its command is refused before it is looked at. */
  #withPassword(step: () => LoginStep): Pop3Steps {
    if (this.#mayShowPassword) return this.#authorize(step());
    const offered = this.#settings.startTls === "offered";
    return [
      { kind: "tell", tell: { kind: "login-refused", why: "no TLS" } },
      ...this.#refuse(offered ? "stls-first" : "no-tls-here"),
    ];
  }

  #authorize(step: LoginStep): Pop3Steps {
    switch (step.kind) {
      case "say":
        return [say(step.text)];
      case "ask":
        this.#phase = { kind: "login" };
        return [step];
      case "refuse":
        return [...loginTell(step.refusal), ...this.#refuse(step.refusal)];
      case "open":
        this.#phase = { kind: "opening" };
        return [{ kind: "ask", ask: { kind: "open" } }];
    }
  }

  #checked(answer: Pop3Answer): Pop3Steps {
    switch (answer.kind) {
      case "authenticated":
      case "verifier":
        this.#phase = CLIENT; // unless what follows is an ask again
        return this.#proceed([...this.#authorize(this.#login.answered(answer))]);
      case "denied":
        this.#login.forget();
        return this.#resumeRefusing(answer.why);
      default:
        return unexpected(answer);
    }
  }

  #opened(answer: Pop3Answer): Pop3Steps {
    switch (answer.kind) {
      case "opened":
        this.#maildrop = new OpenMaildrop(answer.messages);
        return this.#resume([say(OK.opened(this.#maildrop.count))]);
      case "in-use":
      case "unavailable":
        return this.#resumeRefusing(answer.kind);
      default:
        return unexpected(answer);
    }
  }

  #startTls(): Pop3Steps {
    if (this.#secured) return this.#refuse("already-secured");
    if (this.#settings.startTls !== "offered") return this.#refuse("no-stls");
    // Whatever stands behind STLS came unprotected and may be an attacker's (RFC 2595 §4). It ends the connection
    // in the same way whether it is here already or comes in a moment.
    if (this.#input.length > 0) return this.#end("plaintext after STLS", OK.stls);
    this.#phase = { kind: "securing" };
    return [say(OK.stls), START_TLS];
  }

  // ---- TRANSACTION state -------------------------------------------------------------------------

  #transact(step: TransactionStep): Pop3Steps {
    switch (step.kind) {
      case "say":
        return [say(step.text)];
      case "refuse":
        return this.#refuse(step.refusal);
      case "list":
        return this.#list(step.portions);
      case "retrieve":
        return this.#retrieve(step.retrieval);
    }
  }

  /**
   * Sends portion after portion, each when the wire has taken the last one. Every reply of many lines goes this
   * way: a client that asks for a thousand of them and reads none must not fill our memory.
   */
  #list(portions: Iterator<string>): Pop3Steps {
    const portion = portions.next();
    if (portion.done === true) return this.#resume([]);
    this.#phase = { kind: "listing", portions };
    return [say(portion.value), FLUSH];
  }

  /** Asks for the next chunk, or is done. */
  #retrieve(retrieval: Retrieval): Pop3Steps {
    if (!retrieval.done) {
      this.#phase = { kind: "retrieving", retrieval };
      return [{ kind: "ask", ask: retrieval.next() }];
    }
    if (!retrieval.whole) return this.#resume([]);
    return this.#resume([{ kind: "tell", tell: { kind: "retrieved", octets: retrieval.octets } }]);
  }

  #read(retrieval: Retrieval, answer: Pop3Answer): Pop3Steps {
    switch (answer.kind) {
      case "content":
        return this.#send(retrieval, answer.octets);
      case "gone":
      case "unavailable":
        return this.#breakOff(retrieval, answer.kind);
      default:
        return unexpected(answer);
    }
  }

  #send(retrieval: Retrieval, octets: Uint8Array): Pop3Steps {
    const first = retrieval.untouched;
    if (first && this.#needsUtf8(octets)) return this.#resumeRefusing("needs-utf8");
    const result = retrieval.take(octets);
    if (result.kind === "broken") return this.#breakOff(retrieval, "message-damaged");
    const parts = result.parts.map(say);
    if (first) parts.unshift(say(retrieval.whole ? OK.content(retrieval.octets) : OK.top));
    this.#unflushed += octets.length;
    const gathers = retrieval.done && this.#unflushed < this.#settings.limits.chunkOctets;
    return [...parts, ...(gathers ? this.#retrieve(retrieval) : [FLUSH])];
  }

  /** Once +OK has been said there is no honest end but to close: an end mark would make half a message a whole one. */
  #breakOff(retrieval: Retrieval, why: RefusalName): Pop3Steps {
    return retrieval.untouched ? this.#resumeRefusing(why) : this.#end("retrieval broke off");
  }

  #needsUtf8(beginning: Uint8Array): boolean {
    const refused = !this.#utf8 && this.#settings.internationalMessages === "refused";
    return refused && isInternational(beginning);
  }

  // ---- UPDATE state ------------------------------------------------------------------------------

  #quit(): Pop3Steps {
    const uids = this.#maildrop?.marked() ?? [];
    if (uids.length === 0) return this.#end("quit", OK.quit);
    this.#phase = { kind: "removing", messages: uids.length };
    return [{ kind: "ask", ask: { kind: "remove", uids } }];
  }

  #removed(messages: number, answer: Pop3Answer): Pop3Steps {
    switch (answer.kind) {
      case "removed":
        return this.#end("quit", OK.removed(messages));
      case "unavailable":
        return this.#end("quit", this.#no("nothing-removed"));
      default:
        return unexpected(answer);
    }
  }

  // ---- Refusing and ending -----------------------------------------------------------------------

  #refuse(name: RefusalName): Pop3Steps {
    if (isCounted(name)) this.#errors++;
    return this.#errors < this.#settings.limits.errors
      ? [say(this.#no(name))]
      : this.#end("too many errors", this.#no("too-many-errors"));
  }

  /** A refusal's line. */
  #no(name: RefusalName): string {
    return refusalLine(name, this.#settings.sessionId);
  }

  #end(ending: Pop3Ending, lastWords?: string): Pop3Steps {
    if (this.#phase.kind === "over") return NO_STEPS;
    const ended = this.#over(ending);
    return lastWords === undefined ? [ended, CLOSE] : [ended, say(lastWords), CLOSE];
  }

  /** The maildrop is let go before the last words leave: the client may come back as soon as it reads them. */
  #over(ending: Pop3Ending): Pop3Step {
    this.#phase = { kind: "over" };
    this.#maildrop = undefined;
    this.#input.clear();
    return { kind: "tell", tell: { kind: "ended", ending } };
  }
}

function say(data: string | Uint8Array): Pop3Step {
  return { kind: "send", data };
}

/** Logins that never become a question are told, so that the journal can explain them. */
function loginTell(refusal: RefusalName): Pop3Step[] {
  const why = LOGIN_REFUSALS.get(refusal);
  return why === undefined ? [] : [{ kind: "tell", tell: { kind: "login-refused", why } }];
}

const LOGIN_REFUSALS: ReadonlyMap<RefusalName, LoginRefusal> = new Map([
  ["malformed", "malformed"],
  ["other-identity", "other identity"],
  ["channel-binding", "channel binding"],
  ["intercepted", "intercepted"],
]);

function unexpected(answer: Pop3Answer): never {
  throw new Error(`"${answer.kind}" is no answer to what was asked`);
}
