/**
 * The ways to log in: USER and PASS (RFC 1939 §7), and AUTH (RFC 5034). It
 * decides nothing about who may: it says what to ask, and what follows from the answer.
 */
import {
  LineExchange,
  openExchange,
  type LineFault,
  type LineStep,
  type SaslAnswer,
  type SaslMechanism,
} from "../sasl/index.ts";
import type { RefusalName } from "./replies.ts";
import { OK } from "./replies.ts";
import type { Pop3Ask } from "./requests.ts";

export type LoginStep =
  /** More is needed: say this and wait for it. */
  | { readonly kind: "say"; readonly text: string }
  | { readonly kind: "refuse"; readonly refusal: RefusalName }
  | {
      readonly kind: "ask";
      readonly ask: Extract<Pop3Ask, { readonly kind: "credentials" | "verifier" | "proof" }>;
    }
  /** The client is who it says: its maildrop can be opened. */
  | { readonly kind: "open" };

export class Login {
  #user: string | undefined;
  #exchange: LineExchange | undefined;

  /** The next line is not a command but a response of an AUTH exchange. */
  get exchanging(): boolean {
    return this.#exchange !== undefined;
  }

  /** Anything but PASS makes USER void, for PASS comes immediately after it (RFC 1939 §7); and a line that is too long ends an exchange. */
  forget(): void {
    this.#user = undefined;
    this.#exchange = undefined;
  }

  /** Whether the name exists is not said: that would tell a guesser which names are worth a password. */
  user(name: string): LoginStep {
    this.#user = name;
    return { kind: "say", text: OK.user };
  }

  pass(password: string): LoginStep {
    const login = this.#user;
    this.#user = undefined;
    if (login === undefined) return { kind: "refuse", refusal: "user-first" };
    return { kind: "ask", ask: { kind: "credentials", mechanism: "USER", login, password } };
  }

  /** `exporter`: of the TLS connection, where -PLUS is offered for it. */
  auth(
    mechanism: SaslMechanism,
    initialResponse: string | undefined,
    exporter: Uint8Array | undefined,
  ): LoginStep {
    this.#exchange = new LineExchange(openExchange(mechanism, exporter));
    return this.#follow(this.#exchange.begin(initialResponse));
  }

  /** The client's response to the last challenge. */
  respond(line: Uint8Array): LoginStep {
    const exchange = this.#exchange;
    if (exchange === undefined) throw new Error("a response came outside of any exchange");
    return this.#follow(exchange.respond(line));
  }

  /** The desk has let the client in, or said what an exchange needs to go on. */
  answered(answer: SaslAnswer): LoginStep {
    const exchange = this.#exchange;
    return exchange === undefined ? { kind: "open" } : this.#follow(exchange.answered(answer));
  }

  #follow(step: LineStep): LoginStep {
    switch (step.kind) {
      case "challenge":
        return { kind: "say", text: OK.challenge(step.base64) };
      case "ask":
        if (step.ask.kind === "external") throw new Error("EXTERNAL is not offered here");
        return { kind: "ask", ask: step.ask };
      case "refuse":
        this.#exchange = undefined;
        return { kind: "refuse", refusal: refusalOf(step.why) };
      case "done":
        this.#exchange = undefined;
        return { kind: "open" };
    }
  }
}

function refusalOf(why: LineFault): RefusalName {
  switch (why) {
    case "cancelled":
      return "login-cancelled";
    case "not-base64":
      return "malformed";
    default:
      return why;
  }
}
