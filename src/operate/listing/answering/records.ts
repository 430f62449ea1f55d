/**
 * Writes a message into one buffer that is used for all: header, question, records. Nothing is written past the limit: who writes asks for
 * room first.
 */
import { CLASS_IN, HEADER_OCTETS, TYPE } from "./header.ts";
import type { SoaTimes } from "./served-zone.ts";
import type { TailName } from "./tail-name.ts";

/** Whose record it is: what stands in the message at an offset, or labels in front of the origin. */
export type Owner = number | Uint8Array;

const POINTER = 0xc000;

/** A pointer, type, class, TTL, length. */
const FIXED_OCTETS = 12;

/** RFC 1035 §3.3.13: five numbers. */
const SOA_NUMBERS = 20;

/** RFC 1035 §3.3: octets of one string. */
const STRING_OCTETS = 255;

export class RecordWriter {
  readonly out: Uint8Array;
  at = 0;
  /** Octets that a record may end at. */
  limit = 0;
  /** Where the zone's origin stands in the message. */
  origin = HEADER_OCTETS;
  readonly #encoder = new TextEncoder();
  /** A text is written here first: what it takes is known afterwards. */
  readonly #text = new Uint8Array(STRING_OCTETS + 3);

  constructor(octets: number) {
    this.out = new Uint8Array(octets);
  }

  uint16(value: number): void {
    this.out[this.at] = value >>> 8;
    this.out[this.at + 1] = value;
    this.at += 2;
  }

  uint32(value: number): void {
    this.uint16(value >>> 16);
    this.uint16(value & 0xffff);
  }

  octets(from: Uint8Array, length: number): void {
    for (let i = 0; i < length; i++) this.out[this.at + i] = from[i] ?? 0;
    this.at += length;
  }

  /** False where there is no room for it: then nothing was written. So it is with all records. */
  a(owner: Owner, ttl: number, address: number): boolean {
    if (!this.#begin(owner, TYPE.a, ttl, 4)) return false;
    this.uint32(address);
    return true;
  }

  /** At most 255 octets of text. */
  txt(owner: Owner, ttl: number, text: string): boolean {
    const { written } = this.#encoder.encodeInto(text, this.#text.subarray(0, STRING_OCTETS));
    if (!this.#begin(owner, TYPE.txt, ttl, written + 1)) return false;
    this.out[this.at++] = written;
    this.octets(this.#text, written);
    return true;
  }

  ns(owner: Owner, ttl: number, server: TailName): boolean {
    if (!this.#begin(owner, TYPE.ns, ttl, server.octets)) return false;
    this.#name(server);
    return true;
  }

  soa(
    ttl: number,
    { server, contact, serial, refresh, retry, expire, minimum }: SoaTimes,
  ): boolean {
    const length = server.octets + contact.octets + SOA_NUMBERS;
    if (!this.#begin(this.origin, TYPE.soa, ttl, length)) return false;
    this.#name(server);
    this.#name(contact);
    this.uint32(serial);
    this.uint32(refresh);
    this.uint32(retry);
    this.uint32(expire);
    this.uint32(minimum);
    return true;
  }

  /** Of a name that is not listed, though a wildcard above it would have it so: that it is there. */
  hinfo(owner: Owner, ttl: number, what: string): boolean {
    if (!this.#begin(owner, TYPE.hinfo, ttl, what.length + 2)) return false;
    this.out[this.at++] = what.length;
    this.#encoder.encodeInto(what, this.out.subarray(this.at));
    this.at += what.length;
    this.out[this.at++] = 0;
    return true;
  }

  #begin(owner: Owner, type: number, ttl: number, length: number): boolean {
    const labels = typeof owner === "number" ? 0 : owner.length;
    if (this.at + labels + FIXED_OCTETS + length > this.limit) return false;
    if (typeof owner === "number") this.uint16(POINTER | owner);
    else {
      this.octets(owner, labels);
      this.uint16(POINTER | this.origin);
    }
    this.uint16(type);
    this.uint16(CLASS_IN);
    this.uint32(ttl);
    this.uint16(length);
    return true;
  }

  #name(name: TailName): void {
    this.octets(name.labels, name.labels.length);
    if (name.shared < 0) this.out[this.at++] = 0;
    else this.uint16(POINTER | (this.origin + name.shared));
  }
}
