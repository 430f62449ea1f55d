/** A domain's new key pairs: RSA, which every verifier knows, and Ed25519 beside it (RFC 8463); and what is published of them. */
import { createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import type { SigningKey } from "./private-keys.ts";

/** Octets of the public key's frame in DER (RFC 8410 §4), which the record leaves out (RFC 8463 §4). */
const ED25519_FRAME_OCTETS = 12;

/** The selectors say when they were made: gp202611r and gp202611e; gp202611r2 and so on where the names are `taken`. */
export async function generateDkimKeys(
  at: number,
  taken: readonly string[],
): Promise<readonly SigningKey[]> {
  const month = new Date(at).toISOString().slice(0, 7).replace("-", "");
  const [r, e] = freeSelectors(`gp${month}`, taken);
  const [rsa, ed25519] = await Promise.all([newRsa(), newEd25519()]);
  return [
    { selector: r, algorithm: "rsa-2048", privateKey: rsa },
    { selector: e, algorithm: "ed25519", privateKey: ed25519 },
  ];
}

/** The text of the TXT record at `selector._domainkey.domain` (RFC 6376 §3.6.1). */
export function publicKeyRecord(key: SigningKey): string {
  const type = key.algorithm === "ed25519" ? key.algorithm : "rsa";
  return `v=DKIM1; k=${type}; p=${publicKey(key)}`;
}

/** What is public of a pair, in base64: DER for RSA, the bare 32 octets for Ed25519. */
export function publicKey({ algorithm, privateKey }: SigningKey): string {
  const der = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  switch (algorithm) {
    case "rsa-2048":
      return der.toString("base64");
    case "ed25519":
      return der.subarray(ED25519_FRAME_OCTETS).toString("base64");
  }
}

function freeSelectors(base: string, taken: readonly string[]): [string, string] {
  for (let n = 1; ; n++) {
    const number = n === 1 ? "" : String(n);
    const pair: [string, string] = [`${base}r${number}`, `${base}e${number}`];
    if (!pair.some((selector) => taken.includes(selector))) return pair;
  }
}

function newRsa(): Promise<string> {
  return new Promise((resolve, reject) => {
    generateKeyPair("rsa", { modulusLength: 2048 }, (error, _public, key) => {
      if (error === null) resolve(pem(key));
      else reject(error);
    });
  });
}

function newEd25519(): Promise<string> {
  return new Promise((resolve, reject) => {
    generateKeyPair("ed25519", {}, (error, _public, key) => {
      if (error === null) resolve(pem(key));
      else reject(error);
    });
  });
}

function pem(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" });
}
