/**
 * What a SASL exchange is on the server's side (RFC 4422 §3): a message in, a step out. It knows neither the
 * protocol whose lines carry it (POP3, SMTP) nor whose password is right; whoever drives it asks the desk.
 * A step "refuse" or a denial by the desk ends the exchange.
 */
import type { ScramVerifier } from "./scram-keys.ts";

export type SaslMechanism = PasswordMechanism | ScramMechanism | "EXTERNAL";

/** The client says the password itself. */
export type PasswordMechanism = "PLAIN" | "LOGIN";

/** With "-PLUS" the client binds its login to the TLS connection that it has (RFC 5802 §6). */
export type ScramMechanism = "SCRAM-SHA-256" | "SCRAM-SHA-256-PLUS";

export interface SaslExchange {
  /** The client gave no initial response: the server speaks first. */
  begin(): SaslStep;
  /** The client's next message, base64 taken off. */
  receive(message: Uint8Array): SaslStep;
  /** What the desk said to an ask, unless it was a denial. */
  answer(answer: SaslAnswer): SaslStep;
}

export type SaslStep =
  /** Say this, as base64, and wait for the client's next message. */
  | { readonly kind: "challenge"; readonly message: string }
  | { readonly kind: "ask"; readonly ask: SaslAsk }
  | { readonly kind: "refuse"; readonly why: SaslFault }
  /** The client is who it says, and nothing is left to say. */
  | { readonly kind: "done" };

export type SaslFault =
  /** Not what the mechanism's grammar has here. */
  | "malformed"
  /** A login that asks to act as somebody else. */
  | "other-identity"
  /** A client that wants a channel binding which nobody offered it, or none where it chose the mechanism that has one. */
  | "channel-binding"
  /** A login that was made for another TLS connection, or by a client that did not see what was offered: somebody is in between. */
  | "intercepted";

export type SaslAsk =
  /** Is this somebody's name and password? Both are UTF-8 texts, not empty, otherwise as the client sent them. */
  | {
      readonly kind: "credentials";
      readonly mechanism: PasswordMechanism;
      readonly login: string;
      readonly password: string;
    }
  /** What is kept in place of this name's password? Also a name of nobody gets a verifier, which nothing fits. */
  | { readonly kind: "verifier"; readonly mechanism: ScramMechanism; readonly login: string }
  /** The client has shown that it knows the password that the verifier was made of; or that it does not. */
  | { readonly kind: "proof"; readonly right: boolean }
  /** EXTERNAL: is whoever showed this connection's certificate somebody, and may he act as this identity? "": as himself. UTF-8 without NUL. */
  | { readonly kind: "external"; readonly identity: string };

export type SaslAnswer =
  /** To "credentials", "proof" and "external". */
  | { readonly kind: "authenticated" }
  /** To "verifier"; `nonce` is the server's part: printable ASCII without commas, never used before. */
  | { readonly kind: "verifier"; readonly verifier: ScramVerifier; readonly nonce: string };

/** For an answer that does not go with what was asked: our bug. */
export function unexpectedAnswer(answer: SaslAnswer): never {
  throw new Error(`"${answer.kind}" is no answer to what was asked`);
}
