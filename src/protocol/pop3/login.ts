/**
 * The ways to log in (RFC 1939 §7 USER and PASS, RFC 5034 AUTH PLAIN) up to the point where a name and a
 * password stand side by side. It decides nothing about them.
 */
import { decodeUtf8, readPlain } from "../sasl/index.ts";
import type { RefusalName } from "./replies.ts";
import { OK } from "./replies.ts";
import type { Pop3Ask } from "./requests.ts";

export type LoginStep =
  /** More is needed: say this and wait for it. */
  | { readonly kind: "say"; readonly text: string }
  | { readonly kind: "refuse"; readonly refusal: RefusalName }
  | { readonly kind: "ask"; readonly ask: Extract<Pop3Ask, { readonly kind: "credentials" }> };

export class Login {
  #user: string | undefined;
  #exchanging = false;

  /** The next line is not a command but a response of an AUTH exchange. */
  get exchanging(): boolean {
    return this.#exchanging;
  }

  /** Anything but PASS makes USER void, for PASS comes immediately after it (RFC 1939 §7); and a line that is too long ends an exchange. */
  forget(): void {
    this.#user = undefined;
    this.#exchanging = false;
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

  auth(mechanism: string, initialResponse: string | undefined): LoginStep {
    if (mechanism !== "PLAIN") return { kind: "refuse", refusal: "no-mechanism" };
    if (initialResponse !== undefined) return this.#plain(initialResponse);
    this.#exchanging = true;
    return { kind: "say", text: OK.sasl };
  }

  /** The client's response to the empty challenge. */
  respond(line: Uint8Array): LoginStep {
    this.#exchanging = false;
    const text = decodeUtf8(line);
    if (text === "*") return { kind: "refuse", refusal: "login-cancelled" };
    return this.#plain(text ?? "");
  }

  #plain(response: string): LoginStep {
    const plain = readPlain(response);
    switch (plain.kind) {
      case "malformed":
        return { kind: "refuse", refusal: "login-malformed" };
      case "other-identity":
        return { kind: "refuse", refusal: "other-identity" };
      case "credentials":
        return {
          kind: "ask",
          ask: {
            kind: "credentials",
            mechanism: "PLAIN",
            login: plain.login,
            password: plain.password,
          },
        };
    }
  }
}
