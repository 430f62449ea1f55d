/** Server cookies (RFC 7873, made as RFC 9018 §4 has them): by one that we gave it, a client shows that its address is no forgery. */
import type { Client } from "./client.ts";
import { SipHash } from "./siphash.ts";

export const CLIENT_COOKIE_OCTETS = 8;
export const SERVER_COOKIE_OCTETS = 16;

const VERSION = 1;

/** RFC 9018 §4.3: seconds; how old a cookie may be, and how far ahead of our clock. */
const OLD_LIMIT = 3600;
const AHEAD_LIMIT = 300;

export class Cookies {
  readonly #hash: SipHash;
  /** Client cookie, version, reserved, time, address (RFC 9018 §4.4). */
  readonly #input = new Uint8Array(16 + 16);
  readonly #made = new Uint8Array(8);

  constructor(secret: Uint8Array) {
    this.#hash = new SipHash(secret);
  }

  /** Whether the server cookie behind the client's, from `at` on, is one of ours for this client. */
  isOurs(packet: Uint8Array, at: number, client: Client, now: number): boolean {
    const server = at + CLIENT_COOKIE_OCTETS;
    if (packet[server] !== VERSION) return false;
    const made = timeIn(packet, server + 4);
    const age = (Math.floor(now / 1000) - made) | 0; // serial arithmetic (RFC 9018 §4.3)
    if (age > OLD_LIMIT || age < -AHEAD_LIMIT) return false;
    for (let i = 0; i < 16; i++) this.#input[i] = packet[at + i] ?? 0;
    this.#seal(client);
    let difference = 0;
    for (let i = 0; i < 8; i++) difference |= (this.#made[i] ?? 0) ^ (packet[server + 8 + i] ?? 0);
    return difference === 0;
  }

  /** Writes the client's cookie, which stands in the packet from `at` on, and a new one of ours behind it. */
  write(
    packet: Uint8Array,
    at: number,
    client: Client,
    now: number,
    to: Uint8Array,
    on: number,
  ): void {
    for (let i = 0; i < CLIENT_COOKIE_OCTETS; i++) this.#input[i] = packet[at + i] ?? 0;
    const seconds = Math.floor(now / 1000);
    this.#input.fill(0, 8, 12);
    this.#input[8] = VERSION;
    for (let i = 0; i < 4; i++) this.#input[12 + i] = seconds >>> (24 - i * 8);
    this.#seal(client);
    for (let i = 0; i < 16; i++) to[on + i] = this.#input[i] ?? 0;
    for (let i = 0; i < 8; i++) to[on + 16 + i] = this.#made[i] ?? 0;
  }

  #seal({ family, words }: Client): void {
    const octets = family === 4 ? 4 : 16;
    for (let i = 0; i < octets; i++)
      this.#input[16 + i] = (words[i >> 2] ?? 0) >>> (24 - (i & 3) * 8);
    this.#hash.hash(this.#input, 16 + octets, this.#made, 0);
  }
}

function timeIn(packet: Uint8Array, at: number): number {
  let time = 0;
  for (let i = 0; i < 4; i++) time = time * 256 + (packet[at + i] ?? 0);
  return time;
}
