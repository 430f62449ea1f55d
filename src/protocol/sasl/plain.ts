/**
 * The PLAIN mechanism (RFC 4616): one message, `[authzid] NUL authcid NUL passwd` in UTF-8. Whoever logs in
 * acts as himself: an authorization identity must be absent or the same.
 */
import {
  unexpectedAnswer,
  type SaslAnswer,
  type SaslExchange,
  type SaslFault,
  type SaslStep,
} from "./exchange.ts";
import { decodeUtf8 } from "./utf8.ts";

export class PlainExchange implements SaslExchange {
  begin(): SaslStep {
    return { kind: "challenge", message: "" };
  }

  receive(message: Uint8Array): SaslStep {
    const plain = readPlain(message);
    if (typeof plain === "string") return { kind: "refuse", why: plain };
    return { kind: "ask", ask: { kind: "credentials", mechanism: "PLAIN", ...plain } };
  }

  answer(answer: SaslAnswer): SaslStep {
    return answer.kind === "authenticated" ? { kind: "done" } : unexpectedAnswer(answer);
  }
}

interface PlainMessage {
  readonly login: string;
  readonly password: string;
}

/** Malformed: not UTF-8, not three parts, or a part that must not be empty is. */
function readPlain(message: Uint8Array): PlainMessage | SaslFault {
  const [authzid, login, password, ...rest] = decodeUtf8(message)?.split("\0") ?? [];
  if (authzid === undefined || !login || !password || rest.length > 0) return "malformed";
  if (authzid !== "" && authzid !== login) return "other-identity";
  return { login, password };
}
