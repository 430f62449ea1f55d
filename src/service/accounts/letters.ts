/** Random texts that are read from a screen and typed. */
import type { Random } from "../../runtime/index.ts";

/** Without 0, 1, l and o, which look like others. 32 of them, so that five bits choose one fairly. */
const LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";

/** Any of them, for a regular expression. */
export const LETTER_CLASS = `[${LETTERS}]`;

/** Groups of letters, hyphens between them; five random bits a letter. */
export function lettersOf(random: Random, groups: number, groupLetters: number): string {
  const group = (): string =>
    Array.from(random.octets(groupLetters), (octet) => LETTERS.charAt(octet & 31)).join("");
  return Array.from({ length: groups }, group).join("-");
}
