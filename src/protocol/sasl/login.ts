/**
 * The LOGIN mechanism, which no RFC describes (draft-murchison-sasl-login): the server asks for the name, then for the
 * password. PLAIN says the same in one message; this is for old clients that do not know it.
 */
import { unexpectedAnswer, type SaslAnswer, type SaslExchange, type SaslStep } from "./exchange.ts";
import { decodeUtf8 } from "./utf8.ts";

/** Old clients compare these texts letter by letter. */
const CHALLENGES = { login: "Username:", password: "Password:" } as const;

export class LoginExchange implements SaslExchange {
  #login: string | undefined;

  begin(): SaslStep {
    return { kind: "challenge", message: CHALLENGES.login };
  }

  /** The first message is the name, also when it came as an initial response. */
  receive(message: Uint8Array): SaslStep {
    const text = decodeUtf8(message);
    if (!text || text.includes("\0")) return { kind: "refuse", why: "malformed" };
    if (this.#login !== undefined) return credentials(this.#login, text);
    this.#login = text;
    return { kind: "challenge", message: CHALLENGES.password };
  }

  answer(answer: SaslAnswer): SaslStep {
    return answer.kind === "authenticated" ? { kind: "done" } : unexpectedAnswer(answer);
  }
}

function credentials(login: string, password: string): SaslStep {
  return { kind: "ask", ask: { kind: "credentials", mechanism: "LOGIN", login, password } };
}
