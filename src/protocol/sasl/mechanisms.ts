/** The mechanisms by name, and which of them may be offered when. */
import type { SaslExchange, SaslMechanism } from "./exchange.ts";
import { LoginExchange } from "./login.ts";
import { PlainExchange } from "./plain.ts";
import { ScramExchange } from "./scram.ts";

/** The one that shows the least first: clients that take the first they know take the best. */
const MECHANISMS: readonly SaslMechanism[] = ["SCRAM-SHA-256", "PLAIN", "LOGIN"];

export interface OfferedMechanisms {
  /** The connection may carry a password that others could read on an open network. */
  readonly passwords: boolean;
  /** The operator has clients that know nothing but LOGIN. */
  readonly login: boolean;
}

/** In the order in which they are announced. */
export function offeredMechanisms({ passwords, login }: OfferedMechanisms): SaslMechanism[] {
  return MECHANISMS.filter((mechanism) => {
    if (sendsPassword(mechanism) && !passwords) return false;
    return mechanism !== "LOGIN" || login;
  });
}

/** The mechanism of this name (in upper case); undefined when it is none of ours. */
export function findMechanism(name: string): SaslMechanism | undefined {
  return MECHANISMS.find((mechanism) => mechanism === name);
}

/** The client says the password itself, so that whoever hears the line has it. */
export function sendsPassword(mechanism: SaslMechanism): boolean {
  return mechanism !== "SCRAM-SHA-256";
}

export function openExchange(mechanism: SaslMechanism): SaslExchange {
  switch (mechanism) {
    case "PLAIN":
      return new PlainExchange();
    case "LOGIN":
      return new LoginExchange();
    case "SCRAM-SHA-256":
      return new ScramExchange();
  }
}
