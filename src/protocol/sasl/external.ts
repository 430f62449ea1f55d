/**
 * The EXTERNAL mechanism (RFC 4422 appendix A): one message, the authorization identity in UTF-8, or nothing where it follows from who
 * the client is. That was shown before, outside of SASL: here by the certificate of its TLS connection. Nothing secret is said.
 */
import { unexpectedAnswer, type SaslAnswer, type SaslExchange, type SaslStep } from "./exchange.ts";
import { decodeUtf8 } from "./utf8.ts";

export class ExternalExchange implements SaslExchange {
  begin(): SaslStep {
    return { kind: "challenge", message: "" };
  }

  receive(message: Uint8Array): SaslStep {
    const identity = decodeUtf8(message);
    if (identity === undefined || identity.includes("\0"))
      return { kind: "refuse", why: "malformed" };
    return { kind: "ask", ask: { kind: "external", identity } };
  }

  answer(answer: SaslAnswer): SaslStep {
    return answer.kind === "authenticated" ? { kind: "done" } : unexpectedAnswer(answer);
  }
}
