/**
 * The AUTHORIZATION state (RFC 1939 §4): what a client may say before its maildrop is open, and what its connection allows.
 * Promises: a password never crosses an open network, so its command is refused there before it is looked at.
 */
import type { TlsFacts } from "../dialogue/index.ts";
import {
  findMechanism,
  offeredMechanisms,
  sendsPassword,
  type OfferedMechanisms,
} from "../sasl/index.ts";
import type { CapabilityState } from "./capabilities.ts";
import type { Command } from "./grammar.ts";
import { Login, type LoginStep } from "./login.ts";
import { unexpected, type Phase } from "./phases.ts";
import { OK, type RefusalName } from "./replies.ts";
import type { LoginRefusal, Pop3Answer, Pop3Settings } from "./requests.ts";
import type { ServerVoice } from "./server-voice.ts";

/** CAPA and QUIT may always be said. */
export type AuthorizationCommand = Extract<
  Command,
  { readonly verb: "USER" | "PASS" | "APOP" | "AUTH" | "STLS" | "UTF8" }
>;

export class ServerAuthorization {
  readonly #settings: Pop3Settings;
  readonly #voice: ServerVoice;
  readonly #login = new Login();
  #secured: boolean;
  /** Of the TLS connection, where there is something to bind a login to. */
  #exporter: Uint8Array | undefined;
  #utf8 = false;

  constructor(settings: Pop3Settings, voice: ServerVoice) {
    this.#settings = settings;
    this.#voice = voice;
    this.#secured = settings.startTls === "established";
    this.#exporter = settings.tls?.exporter;
  }

  /** The client has said UTF8. */
  get utf8(): boolean {
    return this.#utf8;
  }

  /** The next line is not a command but a response of an AUTH exchange. */
  get exchanging(): boolean {
    return this.#login.exchanging;
  }

  /** `beforeLogin`: only then is there an STLS. */
  capabilities(beforeLogin: boolean): CapabilityState {
    const stls = beforeLogin && !this.#secured && this.#settings.startTls === "offered";
    return { ...this.#mechanisms, stls };
  }

  /** RFC 2595 §4: everything that was said in plain text is forgotten. */
  secured(tls: TlsFacts): void {
    this.#secured = true;
    this.#exporter = tls.exporter;
    this.#utf8 = false; // and STLS itself, like any command, made a USER void
    this.#voice.tell({ kind: "secured", tls });
  }

  /** Something else came where a login was going on. */
  forget(): void {
    this.#login.forget();
  }

  /** `moreWaits`: octets came together with the command, behind it. */
  obey(command: AuthorizationCommand, moreWaits: boolean): Phase {
    switch (command.verb) {
      case "STLS":
        return this.#startTls(moreWaits);
      case "UTF8":
        this.#utf8 = true;
        return this.#voice.reply(OK.utf8);
      case "APOP":
        return this.#voice.refuse("no-apop");
      case "USER":
        return this.#withPassword(() => this.#login.user(command.name));
      case "PASS":
        return this.#withPassword(() => this.#login.pass(command.password));
      case "AUTH":
        return this.#authenticate(command.mechanism, command.initialResponse);
    }
  }

  /** The client's response to the last challenge. */
  respond(line: Uint8Array): Phase {
    return this.#follow(this.#login.respond(line));
  }

  answered(answer: Pop3Answer): Phase {
    switch (answer.kind) {
      case "authenticated":
      case "verifier":
        return this.#follow(this.#login.answered(answer));
      case "denied":
        this.#login.forget();
        return this.#voice.refuse(answer.why);
      default:
        return unexpected(answer);
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

  #authenticate(name: string, initialResponse: string | undefined): Phase {
    const mechanism = findMechanism(name);
    // A password that may not be shown here is refused in other words.
    const known = offeredMechanisms({ ...this.#mechanisms, passwords: true });
    if (mechanism === undefined || !known.includes(mechanism))
      return this.#voice.refuse("no-mechanism");
    const begin = () => this.#login.auth(mechanism, initialResponse, this.#exporter);
    return sendsPassword(mechanism) ? this.#withPassword(begin) : this.#follow(begin());
  }

  #withPassword(step: () => LoginStep): Phase {
    if (this.#mayShowPassword) return this.#follow(step());
    this.#voice.tell({ kind: "login-refused", why: "no TLS" });
    const offered = this.#settings.startTls === "offered";
    return this.#voice.refuse(offered ? "stls-first" : "no-tls-here");
  }

  #follow(step: LoginStep): Phase {
    switch (step.kind) {
      case "say":
        return this.#voice.reply(step.text);
      case "ask":
        this.#voice.ask(step.ask);
        return "login";
      case "refuse":
        this.#tellRefused(step.refusal);
        return this.#voice.refuse(step.refusal);
      case "open":
        this.#voice.ask({ kind: "open" });
        return "opening";
    }
  }

  /** Logins that never become a question are told, so that the journal can explain them. */
  #tellRefused(refusal: RefusalName): void {
    const why = LOGIN_REFUSALS.get(refusal);
    if (why !== undefined) this.#voice.tell({ kind: "login-refused", why });
  }

  #startTls(moreWaits: boolean): Phase {
    if (this.#secured) return this.#voice.refuse("already-secured");
    if (this.#settings.startTls !== "offered") return this.#voice.refuse("no-stls");
    // Whatever stands behind STLS came unprotected and may be an attacker's (RFC 2595 §4). It ends the connection
    // in the same way whether it is here already or comes in a moment.
    if (moreWaits) return this.#voice.end("plaintext after STLS", OK.stls);
    this.#voice.send(OK.stls);
    this.#voice.startTls();
    return "securing";
  }
}

const LOGIN_REFUSALS: ReadonlyMap<RefusalName, LoginRefusal> = new Map([
  ["malformed", "malformed"],
  ["other-identity", "other identity"],
  ["channel-binding", "channel binding"],
  ["intercepted", "intercepted"],
]);
