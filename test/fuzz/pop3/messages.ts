/** Messages that a maildrop may hold: what stands in one follows from its number, so that nobody has to keep it. */
import { Dice } from "../dice.ts";

/** As many as there are numbers. */
export const MESSAGES = 2000;

const kept = new Map<number, string>();

/** The name of a message; some are as long as RFC 1939 §7 lets them be, and none begins another. */
export function uidOf(number: number): string {
  const uid = `m${number}!`;
  return number % 9 === 0 ? uid.padEnd(70, "~") : uid;
}

/** Octets as characters. */
export function contentOf(uid: string): string {
  const number = Number(/^m([0-9]+)!/.exec(uid)?.[1]);
  const content = kept.get(number) ?? makeContent(new Dice(number));
  kept.set(number, content);
  return content;
}

function makeContent(dice: Dice): string {
  let content = "";
  for (let i = dice.below(5); i > 0; i--) content += headerField(dice) + lineEnd(dice);
  if (dice.chance(80)) content += lineEnd(dice);
  for (let i = dice.below(6); i > 0; i--) content += bodyLine(dice) + lineEnd(dice);
  return content + dice.pick(["", "", "", ".", "no end", "\r", "\n", "\r\n."]);
}

function headerField(dice: Dice): string {
  return dice.weighted([
    [6, "Subject: x"],
    [2, "Subject: \xc3\xbc"],
    [1, ".dotted: x"],
    [1, " folded"],
    [1, "no field"],
  ]);
}

function bodyLine(dice: Dice): string {
  return dice.pick(["", "", ".", "..", ".x", "text", "+OK", "-ERR no", "\xc3\xbc", "y".repeat(90)]);
}

/** Other line ends than the first are in no store that was filled by SMTP, but may be in one that was not. */
function lineEnd(dice: Dice): string {
  return dice.weighted([
    [150, "\r\n"],
    [1, "\n"],
    [1, "\r"],
    [1, "\r\r\n"],
    [1, "\n\r"],
  ]);
}
