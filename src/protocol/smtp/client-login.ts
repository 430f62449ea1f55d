/** The login of a session (RFC 4954): which mechanism, what is said next, and what an answer of the server leads to. */
import {
  chooseMechanism,
  decodeBase64,
  openSaslClient,
  type SaslClient,
  type SaslClientStep,
  type SaslLogin,
  type ClientMechanism,
} from "../sasl/index.ts";
import type { ClientCommand } from "./client-commands.ts";
import { classOf, textOf, type Reply } from "./client-replies.ts";

export type LoginMove =
  /** `next` has something to say. */
  | { readonly kind: "say" }
  | Extract<SaslClientStep, { kind: "salt" | "refuse" }>
  /** We are logged in. */
  | { readonly kind: "done" }
  /** We are not, as the server says. */
  | { readonly kind: "refused"; readonly reply: Reply };

export class ClientLogin {
  readonly #exchange: SaslClient;
  #next: ClientCommand;

  private constructor(mechanism: ClientMechanism, login: SaslLogin) {
    this.#exchange = openSaslClient(mechanism, login);
    const initial = this.#exchange.initial();
    this.#next = { verb: "AUTH", mechanism, ...(initial !== undefined && { initial }) };
  }

  /** Undefined when the server offers no mechanism that we know. */
  static open(login: SaslLogin, offered: readonly string[]): ClientLogin | undefined {
    const mechanism = chooseMechanism(offered);
    return mechanism === undefined ? undefined : new ClientLogin(mechanism, login);
  }

  next(): ClientCommand {
    return this.#next;
  }

  /** One that `isLoginReply`. */
  heard(reply: Reply): LoginMove {
    if (classOf(reply) > 3) return { kind: "refused", reply };
    if (reply.code === 235)
      return this.#exchange.complete
        ? { kind: "done" }
        : refuse("a yes before the exchange is over");
    const challenge = decodeBase64(textOf(reply));
    if (challenge === undefined) return refuse("a challenge that is not base64");
    return this.#move(this.#exchange.receive(challenge));
  }

  salted(password: Uint8Array): LoginMove {
    return this.#move(this.#exchange.salted(password));
  }

  #move(step: SaslClientStep): LoginMove {
    if (step.kind !== "say") return step;
    this.#next = { verb: "response", message: step.message };
    return { kind: "say" };
  }
}

/** RFC 4954 §4, §6: the next challenge, the yes, or a no. */
export function isLoginReply(reply: Reply): boolean {
  return reply.code === 334 || reply.code === 235 || classOf(reply) > 3;
}

function refuse(why: string): LoginMove {
  return { kind: "refuse", why };
}
