/** A file as it comes from a broken disk, a broken program or somebody who means harm. */
import type { Dice } from "../dice.ts";

/** As it was in half of the cases. */
export function damagedFile(octets: Uint8Array, dice: Dice): Uint8Array {
  if (octets.length === 0 || dice.chance(50)) return octets;
  const at = dice.below(octets.length);
  const before = octets.subarray(0, at);
  return dice.pick([
    () => before,
    () => octets.with(at, dice.below(256)),
    () => Uint8Array.from([...before, ...octets.subarray(at + dice.below(20))]),
    () => Uint8Array.from([...before, ...stumbling(dice), ...octets.subarray(at)]),
    () => Uint8Array.from([...octets.subarray(at), ...before]),
  ])();
}

/** What parsers stumble over. */
function stumbling(dice: Dice): Uint8Array {
  const text = dice.pick([
    "\0",
    "\uFEFF",
    "\r",
    "\n!",
    "/",
    "-",
    ":",
    "::",
    "0/0",
    "0.0.0.0-255.255.255.255",
    "!0/0\n",
    "*.",
    "$",
    "$$",
    "$DATASET ",
    "$TIMESTAMP 2026-02-30\n",
    "$MAXRANGE4 /24\n",
    "{",
    '{"cidr":"::/0"}\n',
    '{"__proto__":{"cidr":"1.2.3.4"}}\n',
    "9".repeat(400),
    "é",
    "bücher.example\n",
    "x".repeat(20_000),
  ]);
  return new TextEncoder().encode(text);
}
