/**
 * How wide what is served may be, however a list came to hold it: so that no mistake lists the world, and none can be made on purpose.
 */
import { octetIn } from "./address-name.ts";

/** Blocks of addresses, in bits. */
export const WIDEST = { v4: 16, v6: 32 } as const;

const DOT = 0x2e;

/** Whether names below this one, which stands in `octets` from `from` to `to`, are the addresses of a block wider than that: of a single octet. */
export function isOverWideBlock(octets: Uint8Array, from: number, to: number): boolean {
  let [labels, at] = [0, from];
  for (let end = from; end <= to; end++) {
    if (end < to && octets[end] !== DOT) continue;
    if (octetIn(octets, at, end) < 0) return false;
    labels++;
    at = end + 1;
  }
  return labels < WIDEST.v4 / 8;
}
