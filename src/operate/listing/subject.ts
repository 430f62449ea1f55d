/**
 * What an entry is about, in one canonical text: `192.0.2.7`, `192.0.2.0/24`, `2001:db8::1`, `2001:db8::/48`; `example.org`, the name
 * itself, and `*.example.org`, all below it. IPv4-mapped IPv6 is the IPv4 that it is.
 */
import { foldAscii, isAscii, parseCidr, parseDomain, parseIp } from "../../mail/index.ts";
import { parseName } from "../../protocol/dns/index.ts";
import {
  cursorOn,
  readBlock4,
  readBlock6,
  text4,
  type Block6,
  type Prefix4,
  type Range4,
} from "../../policy/lists/files/index.ts";

export type ZoneKind = "addresses" | "names";

export type Subject = AddressSubject | NameSubject;

export type Block4 = Range4 & Prefix4;

export type AddressSubject =
  | { readonly kind: "v4"; readonly text: string; readonly block: Block4 }
  | { readonly kind: "v6"; readonly text: string; readonly block: Block6 };

export interface NameSubject {
  readonly kind: "name";
  readonly text: string;
  /** Without the "*." in front. */
  readonly name: string;
  readonly wild: boolean;
}

/** What a person or a file means: one subject, or of `.example.org` two; the reason where it is none. */
export function parseSubjects(text: string, kind: ZoneKind): readonly Subject[] | string {
  if (kind === "names") return parseNames(text);
  const address = parseAddress(text);
  return typeof address === "string" ? address : [address];
}

/** What stands in the store, which is canonical. Throws where it is nothing. */
export function readSubject(text: string): Subject {
  const address = /^[0-9a-f:]+[0-9a-f:./]*$/.test(text) ? readAddress(text) : undefined;
  if (address !== undefined) return address;
  const wild = text.startsWith("*.");
  return { kind: "name", text, name: wild ? text.slice(2) : text, wild };
}

export function subjectOf4(block: Block4): AddressSubject {
  const base = text4(block.address);
  return { kind: "v4", text: block.bits === 32 ? base : `${base}/${block.bits}`, block };
}

export function subjectOf6(block: Block6): AddressSubject {
  const groups = block.first.flatMap((word) => [word >>> 16, word & 0xffff]);
  const base = parseIp(groups.map((group) => group.toString(16)).join(":"));
  if (base === undefined) throw new Error("four words are an address"); // eight groups of it
  return { kind: "v6", text: block.bits === 128 ? base : `${base}/${block.bits}`, block };
}

export function subjectOfName(name: string, wild: boolean): NameSubject {
  return { kind: "name", text: wild ? `*.${name}` : name, name, wild };
}

/** Of a zone's size: IPv4 addresses, /64s of IPv6, names. */
export function weightOf(subject: Subject): number {
  switch (subject.kind) {
    case "v4":
      return subject.block.last - subject.block.first + 1;
    case "v6":
      return 2 ** Math.max(0, 64 - subject.block.bits);
    case "name":
      return 1;
  }
}

/** In words: of whom an answer is to be changed when this is. */
export function sizeText(subject: Subject): string {
  if (subject.kind === "name") return subject.wild ? `all names below ${subject.name}` : "one name";
  const { bits } = subject.block;
  const all = subject.kind === "v4" ? 32 : 128;
  return bits === all ? "one address" : `a /${bits}`;
}

/** They have addresses, or names, in common. */
export function overlaps(a: Subject, b: Subject): boolean {
  if (a.kind === "name" && b.kind === "name") return namesMeet(a, b);
  if (a.kind === "v4" && b.kind === "v4")
    return a.block.first <= b.block.last && b.block.first <= a.block.last;
  if (a.kind === "v6" && b.kind === "v6")
    return atMost(a.block.first, b.block.last) && atMost(b.block.first, a.block.last);
  return false;
}

/** Subjects that an address or a name is in, the narrowest first: where an entry about it would stand. */
export function subjectsAround(subject: Subject): readonly Subject[] {
  switch (subject.kind) {
    case "v4":
      return blocksAround(subject.block.bits, subject.text, 32);
    case "v6":
      return blocksAround(subject.block.bits, subject.text, 128);
    case "name": {
      const labels = subject.name.split(".");
      const above = labels
        .slice(1)
        .map((_, i) => subjectOfName(labels.slice(i + 1).join("."), true));
      return [subject, ...above];
    }
  }
}

function blocksAround(bits: number, text: string, all: 32 | 128): readonly AddressSubject[] {
  const [base = ""] = text.split("/");
  const widths = Array.from({ length: bits + 1 }, (_, i) => bits - i);
  return widths.map((width) => (all === 32 ? around4(base, width) : around6(base, width)));
}

function around4(base: string, bits: number): AddressSubject {
  const { address } = must(readBlock4(cursorOn(base)));
  const size = 2 ** (32 - bits);
  const first = address - (address % size);
  return subjectOf4({ address: first, first, last: first + size - 1, bits });
}

/** The bits behind the prefix are put to zero, word by word. */
function around6(base: string, bits: number): AddressSubject {
  const { first } = must(readBlock6(cursorOn(base)));
  const groups = first.map((word, i) => {
    const free = 2 ** Math.min(32, Math.max(0, (i + 1) * 32 - bits));
    return word - (word % free);
  });
  const text = groups.flatMap((word) => [word >>> 16, word & 0xffff]).map((group) => group.toString(16)).join(":"); // prettier-ignore
  return subjectOf6(must(readBlock6(cursorOn(`${text}/${bits}`))));
}

function must<Block extends object>(read: Block | string): Block {
  if (typeof read === "string") throw new Error(read); // what is canonical is read
  return read;
}

/** Canonical texts alone: undefined for a name that looks like one. */
function readAddress(text: string): AddressSubject | undefined {
  const cursor = cursorOn(text);
  if (text.includes(":")) {
    const block = readBlock6(cursor);
    const whole = typeof block !== "string" && cursor.at === text.length;
    return whole ? { kind: "v6", text, block } : undefined;
  }
  const block = readBlock4(cursor);
  const whole = typeof block !== "string" && cursor.at === text.length;
  return whole && text.split(".").length === 4 ? { kind: "v4", text, block } : undefined;
}

function parseAddress(text: string): AddressSubject | string {
  const cidr = parseCidr(text);
  if (cidr === undefined)
    return "expected an address or a block, such as 192.0.2.7, 192.0.2.0/28 or 2001:db8::/48";
  const written = `${cidr.base}/${cidr.prefix}`;
  if (cidr.family === 4) {
    const block = readBlock4(cursorOn(written));
    return typeof block === "string" ? block : subjectOf4(block);
  }
  const block = readBlock6(cursorOn(written));
  return typeof block === "string" ? block : subjectOf6(block);
}

function parseNames(text: string): readonly NameSubject[] | string {
  const both = text.startsWith(".") && text !== ".";
  const wild = text.startsWith("*.");
  const name = readName(both ? text.slice(1) : wild ? text.slice(2) : text);
  if (name === undefined)
    return "expected a name: example.org for itself, *.example.org for all below it, .example.org for both";
  return both ? [subjectOfName(name, false), subjectOfName(name, true)] : [subjectOfName(name, wild)]; // prettier-ignore
}

/** As the formats of lists read it: of an international name its A-labels. An address is no name, nor is a block. */
function readName(text: string): string | undefined {
  if (text === "." || text.includes("*") || parseCidr(text) !== undefined) return undefined;
  return isAscii(text) ? parseName(text) : parseDomain(foldAscii(text).replace(/\.$/, ""));
}

function namesMeet(a: NameSubject, b: NameSubject): boolean {
  if (a.name === b.name) return a.wild === b.wild || a.wild || b.wild;
  if (a.name.endsWith(`.${b.name}`)) return b.wild;
  return b.name.endsWith(`.${a.name}`) && a.wild;
}

function atMost(a: Block6["first"], b: Block6["first"]): boolean {
  for (const [i, word] of a.entries()) if (word !== b[i]) return word < (b[i] ?? 0);
  return true;
}
