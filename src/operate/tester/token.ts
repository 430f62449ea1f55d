/**
 * Tokens: each case of a test has one, which nobody can guess. It is the local part of the address that the case tries to have mail
 * relayed to; with `.b` behind it, of the address that the case sends from, to which reports about it go.
 */
import type { Random } from "../../runtime/index.ts";

declare const made: unique symbol;

export type Token = string & { readonly [made]: "token" };

/** Octets of chance: 80 bits. */
const ENTROPY_OCTETS = 10;

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

/** Lower-case base32 behind "t-": 18 octets, which survive whoever folds case. */
export function makeToken(random: Random): Token {
  const bits = random
    .octets(ENTROPY_OCTETS)
    .reduce((all, octet) => (all << 8n) | BigInt(octet), 0n);
  let text = "";
  for (let at = 0; at < (ENTROPY_OCTETS * 8) / 5; at++)
    text = ALPHABET.charAt(Number((bits >> BigInt(5 * at)) & 31n)) + text;
  return `t-${text}` as Token; // the form of readToken
}

/** What a local part says: whose token, and whether mail for it is about mail that was sent. Undefined where it is none. */
export function readToken(
  localPart: string,
): { readonly token: Token; readonly isSender: boolean } | undefined {
  const [, token, sender] = /^(t-[a-z2-7]{16})(\.b)?$/i.exec(localPart) ?? [];
  if (token === undefined) return undefined;
  return { token: token.toLowerCase() as Token, isSender: sender !== undefined }; // just seen to be one
}
