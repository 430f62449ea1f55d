/**
 * A zone as a file of master format (RFC 1035 §5), for name servers that know nothing of lists. There is no block in the DNS: a /24 becomes a
 * wildcard, of IPv6 so does a block of whole nibbles, and what is between is spelled out. No wildcard is wider than a /24 or a /48. `$` in a
 * text stands for the block where the record is a wildcard's.
 */
import {
  fill,
  text4,
  valuesOf,
  walk4,
  walk6,
  type Dataset,
  type Words,
} from "../../policy/lists/files/index.ts";
import { blockLabels, nameBlocksOf, type Block } from "./answering/index.ts";
import { bindNames } from "./bind-names.ts";
import type { ExportJob } from "./export-job.ts";
import type { ListingZone } from "./settings.ts";
import { subjectOf4, subjectOf6 } from "./subject.ts";

const WIDEST_BITS_4 = 24;
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
    for (const block of nameBlocksOf(
      { first: BigInt(first), last: BigInt(last) },
      4,
      WIDEST_BITS_4,
    ))
      yield* records(blockLabels(block, 4).join("."), all, answer, text4Of(block));
  for (const { first, last, answer } of walk6(all.v6))
    for (const block of nameBlocksOf(
      { first: numberOf(first), last: numberOf(last) },
      6,
      WIDEST_BITS_6,
    ))
      yield* records(blockLabels(block, 6).join("."), all, answer, text6Of(block));
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

function text4Of({ first, bits }: Block): string {
  const address = Number(first);
  return subjectOf4({ address, first: address, last: address + 2 ** (32 - bits) - 1, bits }).text;
}

function text6Of({ first, bits }: Block): string {
  const word = (shift: bigint): number => Number((first >> shift) & 0xffff_ffffn);
  const words = [word(96n), word(64n), word(32n), word(0n)] as const;
  return subjectOf6({ first: words, last: words, bits }).text;
}

function numberOf(words: Words): bigint {
  return words.reduce((sum, word) => (sum << 32n) | BigInt(word), 0n);
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
