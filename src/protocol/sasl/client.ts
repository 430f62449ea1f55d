/** The mechanisms from the client's side, the best first: SCRAM-SHA-256, PLAIN (RFC 4616), LOGIN. */
import type { SaslMechanism } from "./exchange.ts";
import {
  unasked,
  type SaslClient,
  type SaslClientStep,
  type SaslLogin,
} from "./client-exchange.ts";
import { ScramClient } from "./scram-client.ts";

/** What our client does not do is binding a login to its connection, and logging in by a certificate. */
export type ClientMechanism = Exclude<SaslMechanism, "SCRAM-SHA-256-PLUS" | "EXTERNAL">;

/** The one that shows the least first. */
const PREFERENCE: readonly ClientMechanism[] = ["SCRAM-SHA-256", "PLAIN", "LOGIN"];

/** The best of what a server offers, in upper case; undefined when we know none of it. */
export function chooseMechanism(offered: readonly string[]): ClientMechanism | undefined {
  return PREFERENCE.find((mechanism) => offered.includes(mechanism));
}

export function openSaslClient(mechanism: ClientMechanism, login: SaslLogin): SaslClient {
  switch (mechanism) {
    case "SCRAM-SHA-256":
      return new ScramClient(login);
    case "PLAIN":
      return new PlainClient(login);
    case "LOGIN":
      return new LoginClient(login);
  }
}

class PlainClient implements SaslClient {
  readonly #message: string;
  readonly complete = true;

  constructor({ name, password }: SaslLogin) {
    this.#message = `\0${name}\0${password}`;
  }

  initial(): string {
    return this.#message;
  }

  receive(): SaslClientStep {
    return { kind: "refuse", why: "a challenge in PLAIN" };
  }

  salted(): SaslClientStep {
    return unasked();
  }
}

/** Servers word their two questions as they like; only their order counts. */
class LoginClient implements SaslClient {
  readonly #answers: string[];

  constructor({ name, password }: SaslLogin) {
    this.#answers = [name, password];
  }

  get complete(): boolean {
    return this.#answers.length === 0;
  }

  initial(): undefined {
    return undefined;
  }

  receive(): SaslClientStep {
    const message = this.#answers.shift();
    return message === undefined
      ? { kind: "refuse", why: "a third question in LOGIN" }
      : { kind: "say", message };
  }

  salted(): SaslClientStep {
    return unasked();
  }
}
