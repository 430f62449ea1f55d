/**
 * What a SASL exchange is on the client's side, for servers that we log in to: a challenge in, a step out. Promises: the
 * password leaves only by the mechanism that was chosen, and by SCRAM only a proof of it.
 */

/** With what we log in. */
export interface SaslLogin {
  readonly name: string;
  readonly password: string;
  /** For SCRAM: printable ASCII without commas, never used before. */
  readonly nonce: string;
}

export type SaslClientStep =
  | { readonly kind: "say"; readonly message: string }
  /** The password is wanted as PBKDF2 makes it (HMAC-SHA-256), which is work for somebody else; then `salted`. */
  | { readonly kind: "salt"; readonly salt: Uint8Array; readonly iterations: number }
  /** The server is not to be trusted, or speaks another mechanism. */
  | { readonly kind: "refuse"; readonly why: string };

export interface SaslClient {
  /** What goes with the mechanism's name; undefined where the server speaks first. */
  initial(): string | undefined;
  /** The server's next challenge, base64 taken off. */
  receive(challenge: Uint8Array): SaslClientStep;
  /** The answer to "salt". */
  salted(password: Uint8Array): SaslClientStep;
  /** Whether the server may say now that we are logged in. */
  readonly complete: boolean;
}

/** For an answer that does not go with what was asked: our bug. */
export function unasked(): never {
  throw new Error("a salted password that was not asked for");
}
