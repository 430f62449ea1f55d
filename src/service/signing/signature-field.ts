/**
 * Fields that hold a signature: DKIM-Signature (RFC 6376 §3.5), ARC-Message-Signature and ARC-Seal (RFC 8617 §4.1), folded.
 * relaxed/relaxed; without `l=`, behind which anybody could write on, and without `x=`, which would spoil mail that is late.
 */
import type { Domain } from "../../mail/index.ts";
import type { SigningKey } from "./private-keys.ts";

export const SIGNATURE_FIELD = "DKIM-Signature";
export const ARC_SIGNATURE_FIELD = "ARC-Message-Signature";
export const ARC_SEAL_FIELD = "ARC-Seal";

export interface SignerTags {
  readonly key: SigningKey;
  readonly domain: Domain;
  /** Seconds since 1970. */
  readonly at: number;
}

/** A signature of header and body. */
export interface MessageTags extends SignerTags {
  /** "v=1" of DKIM, "i=3" of ARC. */
  readonly first: string;
  /** The names of the fields that are signed, in their order. */
  readonly fields: readonly string[];
  /** base64 */
  readonly bodyHash: string;
}

/** Octets of a line of ours, about. */
const LINE_OCTETS = 76;

const FOLD = "\r\n\t";

/** What follows the colon, up to and with `b=`: the signature goes behind it. */
export function unsignedMessage(tags: MessageTags): string {
  const { first, key, domain, at, fields, bodyHash } = tags;
  return [
    ` ${first}; a=${algorithmName(key)}; c=relaxed/relaxed; t=${at};`,
    `d=${domain};`,
    `s=${key.selector};`,
    `h=${foldedNames(fields)};`,
    `bh=${bodyHash};`,
    "b=",
  ].join(FOLD);
}

/** The same of an ARC-Seal, which signs ARC fields alone (RFC 8617 §4.1.3). */
export function unsignedSeal(
  { key, domain, at }: SignerTags,
  instance: number,
  cv: string,
): string {
  return [
    ` i=${instance}; a=${algorithmName(key)}; cv=${cv}; t=${at};`,
    `d=${domain};`,
    `s=${key.selector};`,
    "b=",
  ].join(FOLD);
}

/** The value with its signature, which is base64. */
export function signedValue(unsigned: string, signature: string): string {
  const lines = signature.match(/.{1,72}/g) ?? [];
  return unsigned + lines.join(FOLD);
}

function algorithmName({ algorithm }: SigningKey): "rsa-sha256" | "ed25519-sha256" {
  return algorithm === "ed25519" ? "ed25519-sha256" : "rsa-sha256";
}

/** Blanks are free around the colons of `h=` (§3.5). */
function foldedNames(names: readonly string[]): string {
  let folded = "";
  let lineOctets = 2;
  for (const [i, name] of names.entries()) {
    const text = i === names.length - 1 ? name : `${name}:`;
    const fits = lineOctets + text.length <= LINE_OCTETS;
    folded += fits ? text : FOLD + text;
    lineOctets = fits ? lineOctets + text.length : text.length + 1;
  }
  return folded;
}
