/**
 * Passwords as texts: the one form in which they are hashed and compared (RFC 8265 §4, OpaqueString), and new ones
 * for people who bring none.
 */
import type { Random } from "../../runtime/index.ts";
import { lettersOf } from "./letters.ts";

declare const prepared: unique symbol;

/** A password in its one form; only `preparePassword` makes one. */
export type Password = string & { readonly [prepared]: "password" };

export type PasswordFault = "empty" | "too long" | "control characters";

/** RFC 4616 §2: what PLAIN must carry. Octets of UTF-8. */
export const PASSWORD_OCTETS = 255;

/** The same password typed on another keyboard or system gives the same text. */
export function preparePassword(text: string): Password | { readonly fault: PasswordFault } {
  const form = text.replace(/\p{Zs}/gu, " ").normalize("NFC");
  if (form === "") return { fault: "empty" };
  if (/[\p{Cc}\p{Cs}]/u.test(form)) return { fault: "control characters" };
  if (Buffer.byteLength(form) > PASSWORD_OCTETS) return { fault: "too long" };
  return form as Password; // the one place where it is made
}

const GROUPS = 4;
const GROUP_LETTERS = 5;

/** A new password of 100 random bits: four groups of five letters and digits. */
export function generatePassword(random: Random): string {
  return lettersOf(random, GROUPS, GROUP_LETTERS);
}
