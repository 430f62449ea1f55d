/** IPv4 addresses that follow one another, for clients that are many: all of 127.0.0.0/8 is on every Linux. */
import assert from "node:assert/strict";
import { z } from "zod";

export const Addresses = z.object({ first: z.string(), count: z.number() });
export type Addresses = z.output<typeof Addresses>;

/** The nth of them; behind the last one comes the first one again. */
export function addressAt({ first, count }: Addresses, n: number): string {
  return dotted(numberOf(first) + (n % count));
}

/** None of them twice. */
export class FreshAddresses {
  #next: number;

  constructor(first: string) {
    this.#next = numberOf(first);
  }

  take(count: number): Addresses {
    const first = dotted(this.#next);
    this.#next += count;
    return { first, count };
  }
}

function numberOf(address: string): number {
  const octets = address.split(".").map(Number);
  assert.ok(octets.length === 4 && octets.every((octet) => octet >= 0 && octet < 256), address);
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}
