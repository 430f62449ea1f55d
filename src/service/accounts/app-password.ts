/**
 * App passwords: one for each device or program, made by us, shown once. They are so random that nobody can guess
 * one, also not with its hash in hand; so one SHA-256 is kept of each, and no costly hash is needed.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Random } from "../../runtime/index.ts";
import type { AppPasswordEntry } from "../../store/index.ts";
import { lettersOf, LETTER_CLASS } from "./letters.ts";

/** Of one mailbox. Each login with one looks at all of them. */
export const APP_PASSWORDS_PER_MAILBOX = 50;

/** 28 letters of five bits: 140, and at least 128 are wanted. */
const GROUPS = 7;
const GROUP_LETTERS = 4;

const FORM = new RegExp(`^${LETTER_CLASS}{${GROUPS * GROUP_LETTERS}}$`);

export function generateAppPassword(random: Random): string {
  return lettersOf(random, GROUPS, GROUP_LETTERS);
}

/**
 * SHA-256 as base64, of the letters alone: hyphens, blanks and capitals are how somebody typed it. Undefined for a text
 * that cannot be an app password.
 */
export function appPasswordHash(text: string): string | undefined {
  const letters = text.replaceAll(/[- ]/g, "").toLowerCase();
  if (!FORM.test(letters)) return undefined;
  return createHash("sha256").update(letters).digest("base64");
}

/** The one with this hash, for this protocol. How long it takes tells nothing but how many there are. */
export function findAppPassword(
  entries: readonly AppPasswordEntry[],
  hash: string,
  protocol: "pop3" | "smtp",
): AppPasswordEntry | undefined {
  let found: AppPasswordEntry | undefined;
  for (const entry of entries) if (isSame(entry.hash, hash)) found = entry;
  return found?.protocol === protocol || found?.protocol === "any" ? found : undefined;
}

function isSame(stored: string, given: string): boolean {
  const [one, other] = [Buffer.from(stored), Buffer.from(given)];
  return one.length === other.length && timingSafeEqual(one, other);
}
