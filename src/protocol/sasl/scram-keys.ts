/**
 * SCRAM-SHA-256's arithmetic (RFC 5802 §3, RFC 7677): the keys that stand in place of a password, and what is
 * proved with them. Whoever steals the keys cannot log in with them: the client's proof needs what StoredKey is a hash of.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** Octets of a SHA-256 hash, and so of every key and proof. */
export const SCRAM_HASH_OCTETS = 32;

/** What the server keeps in place of a password. */
export interface ScramVerifier extends ScramKeys {
  readonly salt: Uint8Array;
  /** How often PBKDF2 hashes; the client does it, at each login. */
  readonly iterations: number;
}

export interface ScramKeys {
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

/** From SaltedPassword, which is PBKDF2 with HMAC-SHA-256 of password, salt and iterations. */
export function scramKeys(saltedPassword: Uint8Array): ScramKeys {
  const clientKey = hmac(saltedPassword, "Client Key");
  return { storedKey: sha256(clientKey), serverKey: hmac(saltedPassword, "Server Key") };
}

/** Whether the proof was made with the key that `storedKey` is the hash of, over this conversation. */
export function isProofRight(
  { storedKey }: ScramKeys,
  authMessage: string,
  proof: Uint8Array,
): boolean {
  const signature = hmac(storedKey, authMessage);
  const clientKey = proof.map((octet, i) => octet ^ (signature[i] ?? 0));
  return timingSafeEqual(sha256(clientKey), storedKey);
}

/** By which the server knows that the client knows the password. */
export function clientProof(saltedPassword: Uint8Array, authMessage: string): Uint8Array {
  const clientKey = hmac(saltedPassword, "Client Key");
  const signature = hmac(sha256(clientKey), authMessage);
  return clientKey.map((octet, i) => octet ^ (signature[i] ?? 0));
}

/** By which the client knows that the server, too, knew the password. */
export function serverSignature({ serverKey }: ScramKeys, authMessage: string): Uint8Array {
  return hmac(serverKey, authMessage);
}

function hmac(key: Uint8Array, text: string): Uint8Array {
  return createHmac("sha256", key).update(text).digest();
}

function sha256(octets: Uint8Array): Uint8Array {
  return createHash("sha256").update(octets).digest();
}
