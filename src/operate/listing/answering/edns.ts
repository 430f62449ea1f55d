/**
 * What stands behind the question: nothing but EDNS (RFC 6891) means something to us, and in it the size that the client can take and its
 * cookie (RFC 7873). Read in place.
 */
import { CLIENT_COOKIE_OCTETS, SERVER_COOKIE_OCTETS } from "./cookie.ts";
import { TYPE, uint16 } from "./header.ts";

const OPTION_COOKIE = 10;

/** RFC 7873 §4: of a cookie with a server's part. */
const COOKIE_LEAST = 16;
const COOKIE_MOST = 40;

/** A name of one octet (the root), type, class, TTL, length. */
const FIXED_OCTETS = 10;

/** RFC 6891 §6.2.5: less than this means this. */
const LEAST_SIZE = 512;

export class Edns {
  there = false;
  version = 0;
  /** Octets that the client can take over UDP. */
  size = LEAST_SIZE;
  dnssecOk = false;
  /** Where the client's cookie stands; 0: it has none. */
  cookieAt = 0;
  /** A server's cookie as long as ours stands behind it. */
  serverCookie = false;
  /** Of the SOA that the client has of a zone, as IXFR says it. */
  serial: number | undefined;

  /** The records behind the question. False where they are malformed, or go on behind the last one. */
  read(packet: Uint8Array, from: number, before: number, additional: number): boolean {
    this.there = false;
    this.cookieAt = 0;
    this.serverCookie = false;
    this.serial = undefined;
    this.size = LEAST_SIZE;
    let at = from;
    for (let i = 0; i < before + additional; i++) {
      at = this.#record(packet, at, i >= before);
      if (at < 0) return false;
    }
    return at === packet.length;
  }

  /** Where the record ends; -1: it is malformed. */
  #record(packet: Uint8Array, from: number, additional: boolean): number {
    const fixed = nameEnd(packet, from);
    if (fixed < 0) return -1;
    const data = fixed + FIXED_OCTETS;
    const end = data + uint16(packet, fixed + 8);
    if (end > packet.length) return -1;
    const type = uint16(packet, fixed);
    if (!additional) {
      // RFC 1995 §3: the SOA that the client has; its serial is the first of five numbers at the end.
      if (type === TYPE.soa && end - data >= 22) this.serial = uint16(packet, end - 20) * 65_536 + uint16(packet, end - 18); // prettier-ignore
      return end;
    }
    if (type !== TYPE.opt) return end;
    if (this.there || packet[from] !== 0) return -1; // RFC 6891 §6.1.1: one, and it has no name
    return this.#opt(packet, fixed, end) ? end : -1;
  }

  #opt(packet: Uint8Array, fixed: number, end: number): boolean {
    this.there = true;
    this.size = Math.max(LEAST_SIZE, uint16(packet, fixed + 2));
    this.version = packet[fixed + 5] ?? 0;
    this.dnssecOk = ((packet[fixed + 6] ?? 0) & 0x80) !== 0;
    let at = fixed + FIXED_OCTETS;
    while (at < end) {
      const length = uint16(packet, at + 2);
      const next = at + 4 + length;
      if (next > end) return false;
      if (uint16(packet, at) === OPTION_COOKIE && this.cookieAt === 0) {
        if (length !== CLIENT_COOKIE_OCTETS && (length < COOKIE_LEAST || length > COOKIE_MOST)) return false; // prettier-ignore
        this.cookieAt = at + 4;
        this.serverCookie = length === CLIENT_COOKIE_OCTETS + SERVER_COOKIE_OCTETS;
      }
      at = next;
    }
    return true;
  }
}

/** Behind a name of which nothing else matters; -1: there is none. A pointer ends it. */
function nameEnd(packet: Uint8Array, from: number): number {
  for (let at = from; at < packet.length;) {
    const length = packet[at] ?? 0;
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2;
    if (length > 63) return -1;
    at += length + 1;
  }
  return -1;
}
