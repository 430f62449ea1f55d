/**
 * The ways to log in: USER and PASS (RFC 1939 §7), and AUTH (RFC 5034), which carries SASL exchanges in lines of base64. It
 * decides nothing about who may: it says what to ask, and what follows from the answer.
 */
import {
  decodeBase64,
  decodeUtf8,
  openExchange,
  type SaslAnswer,
  type SaslExchange,
  type SaslMechanism,
  type SaslStep,
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
  #exchange: SaslExchange | undefined;

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

  /** RFC 5034 §4: "=" is an empty initial response, which none of the mechanisms has; and it is no base64. */
  auth(mechanism: SaslMechanism, initialResponse: string | undefined): LoginStep {
    const exchange = openExchange(mechanism);
    this.#exchange = exchange;
    if (initialResponse === undefined) return this.#follow(exchange.begin());
    return this.#receive(exchange, initialResponse);
  }

  /** The client's response to the last challenge. */
  respond(line: Uint8Array): LoginStep {
    const exchange = this.#exchange;
    if (exchange === undefined) throw new Error("a response came outside of any exchange");
    const text = decodeUtf8(line);
    if (text === "*") return this.#refuse("login-cancelled");
    return text === undefined ? this.#refuse("malformed") : this.#receive(exchange, text);
  }

  /** The desk has let the client in, or said what an exchange needs to go on. */
  answered(answer: SaslAnswer): LoginStep {
    const exchange = this.#exchange;
    return exchange === undefined ? { kind: "open" } : this.#follow(exchange.answer(answer));
  }

  #receive(exchange: SaslExchange, base64: string): LoginStep {
    const message = decodeBase64(base64);
    return message === undefined
      ? this.#refuse("malformed")
      : this.#follow(exchange.receive(message));
  }

  #follow(step: SaslStep): LoginStep {
    switch (step.kind) {
      case "challenge":
        return { kind: "say", text: OK.challenge(base64Of(step.message)) };
      case "ask":
        return step;
      case "refuse":
        return this.#refuse(step.why);
      case "done":
        this.#exchange = undefined;
        return { kind: "open" };
    }
  }

  #refuse(refusal: RefusalName): LoginStep {
    this.#exchange = undefined;
    return { kind: "refuse", refusal };
  }
}

function base64Of(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}
