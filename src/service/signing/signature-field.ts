/**
 * The DKIM-Signature field (RFC 6376 §3.5), folded. relaxed/relaxed; without `l=`, behind which anybody could write on, and
 * without `x=`, which would spoil mail that is late.
 */
import type { Domain } from "../../mail/index.ts";

export const SIGNATURE_FIELD = "DKIM-Signature";

export interface SignatureTags {
  readonly algorithm: "rsa-sha256" | "ed25519-sha256";
  readonly domain: Domain;
  readonly selector: string;
  /** Seconds since 1970. */
  readonly at: number;
  /** The names of the fields that are signed, in their order. */
  readonly fields: readonly string[];
  /** base64 */
  readonly bodyHash: string;
}

/** Octets of a line of ours, about. */
const LINE_OCTETS = 76;

const FOLD = "\r\n\t";

/** What follows the colon, up to and with `b=`: the signature goes behind it. */
export function unsignedValue(tags: SignatureTags): string {
  const { algorithm, domain, selector, at, fields, bodyHash } = tags;
  return [
    ` v=1; a=${algorithm}; c=relaxed/relaxed; t=${at};`,
    `d=${domain};`,
    `s=${selector};`,
    `h=${foldedNames(fields)};`,
    `bh=${bodyHash};`,
    "b=",
  ].join(FOLD);
}

/** The whole field with its line end; `signature` is base64. */
export function signedField(tags: SignatureTags, signature: string): string {
  const lines = signature.match(/.{1,72}/g) ?? [];
  return `${SIGNATURE_FIELD}:${unsignedValue(tags)}${lines.join(FOLD)}\r\n`;
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
