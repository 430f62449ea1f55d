/** Lines as clients send them: nearly always ended as they must be, and now and then with an octet that is wrong. */
import type { Dice } from "./dice.ts";

export const CRLF = "\r\n";

/** The line with its end; `text` holds octets as characters. */
export function line(dice: Dice, text: string): string {
  const said = dice.chance(2) ? damaged(dice, text) : text;
  const end = dice.weighted([
    [240, CRLF],
    [2, ` ${CRLF}`],
    [1, "\n"],
    [1, "\r"],
    [1, "\r\r\n"],
    [1, "\0\r\n"],
    [1, ""],
  ]);
  return said + end;
}

/** One octet missing, doubled or another. */
export function damaged(dice: Dice, text: string): string {
  const at = dice.below(text.length + 1);
  const octet = String.fromCharCode(dice.chance(50) ? 32 + dice.below(95) : dice.below(256));
  const replaced = dice.pick(["", octet, octet + octet, text.charAt(at) + text.charAt(at)]);
  return text.slice(0, at) + replaced + text.slice(at + 1);
}

/** Octets that belong to no line. */
export function rubbish(dice: Dice): string {
  return dice.weighted([
    [3, () => dice.pick(["\r", "\n", "\0", "\r\n", "\n.\n", ".\r\n", " ", "\x16\x03\x01\x02"])],
    [
      1,
      () => String.fromCharCode(...Array.from({ length: dice.below(12) }, () => dice.below(256))),
    ],
  ])();
}
