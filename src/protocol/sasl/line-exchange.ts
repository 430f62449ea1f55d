/**
 * An exchange as SMTP (RFC 4954 §4) and POP3 (RFC 5034 §4) carry it: challenges and responses as lines of base64, "*" to give
 * up, "=" for an initial response that is there and empty. It knows neither protocol's words; whoever drives it says them.
 */
import { decodeBase64 } from "./base64.ts";
import type { SaslAnswer, SaslAsk, SaslExchange, SaslFault, SaslStep } from "./exchange.ts";
import { decodeUtf8 } from "./utf8.ts";

export type LineStep =
  /** Say this, as the protocol says a challenge, and wait for the next line. */
  | { readonly kind: "challenge"; readonly base64: string }
  | { readonly kind: "ask"; readonly ask: SaslAsk }
  /** The exchange is over, without a login. */
  | { readonly kind: "refuse"; readonly why: LineFault }
  | { readonly kind: "done" };

export type LineFault = SaslFault | "not-base64" | "cancelled";

export class LineExchange {
  readonly #exchange: SaslExchange;

  constructor(exchange: SaslExchange) {
    this.#exchange = exchange;
  }

  /** `initialResponse` as it stood in the command; undefined where none did. */
  begin(initialResponse: string | undefined): LineStep {
    if (initialResponse === undefined) return carried(this.#exchange.begin());
    return this.#receive(initialResponse === "=" ? "" : initialResponse);
  }

  /** The client's response to the last challenge, without its CRLF. */
  respond(line: Uint8Array): LineStep {
    const text = decodeUtf8(line);
    if (text === "*") return refuse("cancelled");
    return text === undefined ? refuse("not-base64") : this.#receive(text);
  }

  /** What the desk said, unless it was a denial. */
  answered(answer: SaslAnswer): LineStep {
    return carried(this.#exchange.answer(answer));
  }

  #receive(base64: string): LineStep {
    const message = decodeBase64(base64);
    return message === undefined ? refuse("not-base64") : carried(this.#exchange.receive(message));
  }
}

function carried(step: SaslStep): LineStep {
  if (step.kind !== "challenge") return step;
  return { kind: "challenge", base64: new TextEncoder().encode(step.message).toBase64() };
}

function refuse(why: LineFault): LineStep {
  return { kind: "refuse", why };
}
