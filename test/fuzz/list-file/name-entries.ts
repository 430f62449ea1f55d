/** Entries about names, international ones among them. */
import type { Dice } from "../dice.ts";
import type { Entry } from "./address-entries.ts";

const LABELS = ["a", "mail", "xn--bcher-kva", "Spam", "x-1", "_dmarc", "shop"] as const;
const TOPS = ["example", "xn--p1ai", "co.example", "Test"] as const;

function name(dice: Dice): string {
  const labels = Array.from({ length: dice.below(3) + 1 }, () => dice.pick(LABELS));
  return [...labels, dice.pick(TOPS)].join(".");
}

export function nameEntry(dice: Dice): Entry {
  const own = name(dice);
  const line = dice.pick(["", "", ".", "*."]) + own;
  const above = own.slice(own.indexOf(".") + 1);
  return { line, ask: [own, `a.${own}`, `x.mail.${own}`, above, `mail.${above}`, name(dice)] };
}

export function record(dice: Dice): Entry {
  const own = dice.chance(3) ? "www" : name(dice);
  const time = dice.pick(["", "3600 ", "1d ", "IN "]);
  const data = dice.pick([
    `A 127.0.0.${dice.below(9) + 2}`,
    `TXT "text ${dice.below(50)} costs $ 5"`,
    `TXT without quotes ${dice.below(9)}`,
    "MX 10 mx.list.example",
  ]);
  return { line: `${own} ${time}${data}`, ask: [own, `a.${own}`, own.slice(own.indexOf(".") + 1)] };
}
