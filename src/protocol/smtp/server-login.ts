/**
 * AUTH (RFC 4954) while it goes on: says challenges, hands the mechanism's questions to the desk, and says how it ended. It
 * decides nothing about who may. Promises: nobody is logged in but by the desk's "authenticated"; a response is never told.
 */
import { isPositive, isTransient } from "../../mail/index.ts";
import {
  LineExchange,
  openExchange,
  type LineFault,
  type LineStep,
  type SaslAsk,
  type SaslMechanism,
} from "../sasl/index.ts";
import { challenge, REPLIES, type ReplyName } from "./replies.ts";
import type { SmtpAnswer, SmtpAsk } from "./requests.ts";
import type { ServerVoice } from "./server-voice.ts";

export type LoginAsk = SaslAsk;

export function isLoginAsk(ask: SmtpAsk): ask is LoginAsk {
  switch (ask.kind) {
    case "credentials":
    case "verifier":
    case "proof":
    case "external":
      return true;
    default:
      return false;
  }
}

/** What a login leads to. */
export interface LoginEnds {
  ask(ask: LoginAsk): void;
  /** What the client's next line is. */
  awaits(what: "commands" | "response"): void;
  /** The client is who it says. */
  done(): void;
}

const encoder = new TextEncoder();
const AUTH = encoder.encode("AUTH");

export class ServerLogin {
  readonly #voice: ServerVoice;
  readonly #ends: LoginEnds;
  #exchange: LineExchange | undefined;
  /** What the desk is told of a refusal: the responses may hold a password. */
  #command: Uint8Array = AUTH;

  constructor(voice: ServerVoice, ends: LoginEnds) {
    this.#voice = voice;
    this.#ends = ends;
  }

  /** `exporter`: of the TLS connection, where the mechanisms were offered with it. */
  begin(
    mechanism: SaslMechanism,
    initialResponse: string | undefined,
    exporter: Uint8Array | undefined,
  ): void {
    this.#command = encoder.encode(`AUTH ${mechanism}`);
    this.#exchange = new LineExchange(openExchange(mechanism, exporter));
    this.#follow(this.#exchange.begin(initialResponse));
  }

  /** The client's response to the last challenge. */
  respond(line: Uint8Array): void {
    this.#follow(this.#open().respond(line));
  }

  tooLong(): void {
    this.#refuse("authLineTooLong");
  }

  /** The desk's word on an ask. */
  answered(answer: SmtpAnswer): void {
    switch (answer.kind) {
      case "authenticated":
      case "verifier":
        return this.#follow(this.#open().answered(answer));
      case "status":
        this.#over();
        if (isPositive(answer.status)) throw new Error("a login is not let in by words");
        // Our own trouble, or that of others who guess: never held against whoever may have the right password.
        if (isTransient(answer.status)) return this.#voice.say(answer.status);
        return this.#voice.refuseForDesk(answer.status);
      case "proceed":
      case "end":
        throw new Error(`"${answer.kind}" is no answer to a login`);
    }
  }

  #open(): LineExchange {
    if (this.#exchange === undefined) throw new Error("no AUTH exchange is open");
    return this.#exchange;
  }

  #follow(step: LineStep): void {
    switch (step.kind) {
      case "challenge":
        this.#voice.text(challenge(step.base64));
        return this.#ends.awaits("response");
      case "ask":
        return this.#ends.ask(step.ask);
      case "refuse":
        return this.#refuse(REFUSALS[step.why]);
      case "done":
        this.#over();
        this.#ends.done();
        return this.#voice.say(REPLIES.loggedIn);
    }
  }

  #refuse(reply: ReplyName): void {
    this.#over();
    this.#voice.about(this.#command);
    this.#voice.refuse(REPLIES[reply]);
  }

  #over(): void {
    this.#exchange = undefined;
    this.#ends.awaits("commands");
  }
}

/** RFC 4954 §4: what is no base64 and what was cancelled is 501, a message that the mechanism does not take 535. */
const REFUSALS = {
  "not-base64": "notBase64",
  cancelled: "loginCancelled",
  malformed: "loginMalformed",
  "other-identity": "otherIdentity",
  "channel-binding": "channelBinding",
  intercepted: "intercepted",
} as const satisfies Record<LineFault, ReplyName>;
