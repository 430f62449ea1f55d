/**
 * A message's uid in its mailbox, "k3x9a2mq.42": the token that the mailbox had when the message came, and a
 * number that only grows. A mailbox made again under an old name has another token.
 */
import { randomBytes } from "node:crypto";

export interface Uid {
  readonly token: string;
  readonly number: number;
}

/** Octets of chance in a token; each becomes one character, about 41 bits in all. */
const TOKEN_LENGTH = 8;

const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz";

export function newToken(): string {
  return Array.from(randomBytes(TOKEN_LENGTH), (octet) => DIGITS.charAt(octet % 36)).join("");
}

export function formatUid({ token, number }: Uid): string {
  return `${token}.${number}`;
}

/** Reads a uid in the one way in which it is written; undefined for anything else. */
export function parseUid(text: string): Uid | undefined {
  const [, token, digits] = /^([0-9a-z]+)\.([1-9][0-9]*)$/.exec(text) ?? [];
  if (token === undefined || digits === undefined) return undefined;
  const number = Number(digits);
  return Number.isSafeInteger(number) ? { token, number } : undefined;
}
