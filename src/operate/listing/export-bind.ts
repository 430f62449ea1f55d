/**
 * A zone as a file of master format (RFC 1035 §5), for name servers that know nothing of lists. There is no block in the DNS: a /24 becomes a
 * wildcard, of IPv6 so does a block of whole nibbles, and what is between is spelled out. No wildcard is wider than a /24 or a /48. `$` in a
 * text stands for the block where the record is a wildcard's.
 */
import {
  blocksBetween,
  blocksOf,
  fill,
  text4,
  valuesOf,
  walk4,
  walk6,
  type Block6,
  type Dataset,
} from "../../policy/lists/files/index.ts";
import { bindNames } from "./bind-names.ts";
import type { ExportJob } from "./export-job.ts";
import type { ListingZone } from "./settings.ts";
import { subjectOf4, subjectOf6, type Block4 } from "./subject.ts";

const WIDEST_BITS_6 = 48;

export async function* bindLines({ zone, serial, dataset }: ExportJob): AsyncGenerator<string> {
  const all = await dataset();
  yield* head(zone, serial);
  if (zone.kind === "names") {
    yield* testPoint("test", zone);
    for (const { name, answer, subject } of bindNames(all)) yield* records(name, all, answer, subject); // prettier-ignore
    return;
  }
  yield* testPoint("2.0.0.127", zone);
  yield* testPoint(`2.0.0.0.0.0.f.7.f.f.f.f${".0".repeat(20)}`, zone);
  for (const { first, last, answer } of walk4(all.v4))
    for (const block of blocksOf({ first, last }))
      for (const { name, subject } of names4(block)) yield* records(name, all, answer, subject);
  for (const { first, last, answer } of walk6(all.v6))
    for (const block of blocksBetween(first, last))
      for (const { name, subject } of names6(block)) yield* records(name, all, answer, subject);
}

function head(zone: ListingZone, serial: number): readonly string[] {
  const { ttl, ns, contact, refresh, retry, expire, negative_ttl } = zone;
  return [
    `$ORIGIN ${zone.zone}.`,
    `$TTL ${ttl}`,
    `@ IN SOA ${ns[0]}. ${contact}. ${serial} ${refresh} ${retry} ${expire} ${negative_ttl}`,
    ...ns.map((name) => `@ IN NS ${name}.`),
  ];
}

/** RFC 5782 §5. */
function testPoint(name: string, { code, text }: ListingZone): readonly string[] {
  const subject = name === "test" ? "test" : "127.0.0.2";
  const said = fill(undefined, subject, { variables: [], base: text });
  return [
    `${name} IN A ${code}`,
    ...(said === undefined ? [] : [`${name} IN TXT ${quoted(said)}`]),
  ];
}

function* records(name: string, all: Dataset, answer: number, subject: string): Generator<string> {
  for (const { code, text } of valuesOf(all, answer)) {
    yield `${name} IN A ${text4(code)}`;
    const said = fill(text, subject, all.substitutions ?? { variables: [], base: undefined });
    if (said !== undefined) yield `${name} IN TXT ${quoted(said)}`;
  }
}

interface Named {
  readonly name: string;
  readonly subject: string;
}

function* names4({ first, last, bits }: Block4): Generator<Named> {
  if (bits > 24) {
    for (let at = first; at <= last; at++) yield single4(at);
    return;
  }
  for (let at = first; at <= last; at += 256)
    if (couldBeNibbles(at)) for (let one = at; one < at + 256; one++) yield single4(one);
    else yield whole4(at);
}

function single4(address: number): Named {
  const subject = text4(address);
  return { name: subject.split(".").toReversed().join("."), subject };
}

/** A /24. */
function whole4(first: number): Named {
  const { text } = subjectOf4({ address: first, first, last: first + 255, bits: 24 });
  const octets = text4(first).split(".").slice(0, 3);
  return { name: ["*", ...octets.toReversed()].join("."), subject: text };
}

/** `*.7.6.5` would stand for 5.6.7.0/24 and for all of 5670::/12: where an octet has one digit it is spelled like a nibble. */
function couldBeNibbles(first: number): boolean {
  const octets = text4(first).split(".").slice(0, 3);
  return octets.every((octet) => octet.length === 1);
}

/** In blocks of whole nibbles, none wider than a /48. */
function* names6({ first, bits }: Block6): Generator<Named> {
  const unit = Math.max(WIDEST_BITS_6, Math.ceil(bits / 4) * 4);
  const base = first.reduce((sum, word) => (sum << 32n) | BigInt(word), 0n);
  const size = 1n << BigInt(128 - unit);
  for (let i = 0n; i < 1n << BigInt(unit - bits); i++) {
    const at = base + i * size;
    const nibbles = at.toString(16).padStart(32, "0").slice(0, unit / 4).split("").toReversed(); // prettier-ignore
    const word = (shift: bigint): number => Number((at >> shift) & 0xffff_ffffn);
    const words = [word(96n), word(64n), word(32n), word(0n)] as const;
    const subject = subjectOf6({ first: words, last: words, bits: unit }).text;
    yield { name: (unit === 128 ? nibbles : ["*", ...nibbles]).join("."), subject };
  }
}

/** RFC 1035 §5.1: octets that are no printable ASCII by their number. */
function quoted(text: string): string {
  const octets = [...Buffer.from(text)];
  return `"${octets.map(octetText).join("")}"`;
}

function octetText(octet: number): string {
  const character = String.fromCharCode(octet);
  if (character === '"' || character === "\\") return `\\${character}`;
  return octet >= 0x20 && octet < 0x7f ? character : `\\${String(octet).padStart(3, "0")}`;
}
