/** The mechanisms by name, and which of them may be offered when. */
import type { PasswordMechanism, SaslExchange, SaslMechanism } from "./exchange.ts";
import { ExternalExchange } from "./external.ts";
import { LoginExchange } from "./login.ts";
import { PlainExchange } from "./plain.ts";
import { ScramExchange } from "./scram.ts";

/** The one that shows the least first: clients that take the first they know take the best. */
const MECHANISMS: readonly SaslMechanism[] = [
  "EXTERNAL",
  "SCRAM-SHA-256-PLUS",
  "SCRAM-SHA-256",
  "PLAIN",
  "LOGIN",
];

export interface OfferedMechanisms {
  /** The connection may carry a password that others could read on an open network. */
  readonly passwords: boolean;
  /** The operator has clients that know nothing but LOGIN. */
  readonly login: boolean;
  /** Of the connection: what SCRAM's `tls-exporter` binds to (RFC 9266). Absent where TLS 1.3 does not stand. */
  readonly exporter?: Uint8Array;
  /** Of the connection: the certificate that the client showed is one to log in by. */
  readonly external?: boolean;
}

/** In the order in which they are announced. */
export function offeredMechanisms(offered: OfferedMechanisms): SaslMechanism[] {
  return MECHANISMS.filter((mechanism) => {
    if (sendsPassword(mechanism) && !offered.passwords) return false;
    if (mechanism === "EXTERNAL") return offered.external === true;
    if (mechanism === "SCRAM-SHA-256-PLUS") return offered.exporter !== undefined;
    return mechanism !== "LOGIN" || offered.login;
  });
}

/** The mechanism of this name (in upper case); undefined when it is none of ours. */
export function findMechanism(name: string): SaslMechanism | undefined {
  return MECHANISMS.find((mechanism) => mechanism === name);
}

/** The client says the password itself, so that whoever hears the line has it. */
export function sendsPassword(mechanism: SaslMechanism): mechanism is PasswordMechanism {
  return mechanism === "PLAIN" || mechanism === "LOGIN";
}

/** `exporter` as it was offered with. */
export function openExchange(mechanism: SaslMechanism, exporter?: Uint8Array): SaslExchange {
  switch (mechanism) {
    case "PLAIN":
      return new PlainExchange();
    case "LOGIN":
      return new LoginExchange();
    case "EXTERNAL":
      return new ExternalExchange();
    case "SCRAM-SHA-256":
    case "SCRAM-SHA-256-PLUS":
      return new ScramExchange(mechanism, exporter);
  }
}
