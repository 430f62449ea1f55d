/**
 * A zone for ordinary servers, whole (AXFR, RFC 5936): its SOA, its own records, one name after the other, its SOA again; in messages of at
 * most 16 KiB, made while they are asked for.
 */
import { AddressName, NIBBLES, OCTETS, octetIn } from "./address-name.ts";
import { blockLabels, blocksOf, readBlock, type Block } from "./blocks.ts";
import { Finding } from "./finding.ts";
import { answerFlags, HEADER_OCTETS } from "./header.ts";
import { RecordWriter, type Owner } from "./records.ts";
import type { ServedZone } from "./served-zone.ts";
import { stretchesOf } from "./sweep.ts";
import { wireLabels } from "./tail-name.ts";
import { TEST_SEGMENTS } from "./test-points.ts";
import { TransferNames } from "./transfer-names.ts";
import { WIDEST } from "./widest.ts";

/** As far as a pointer reaches (RFC 1035 §4.1.4). */
const MESSAGE_OCTETS = 16_384;

/** Writes one record; false where there is no room for it. */
type Write = (records: RecordWriter) => boolean;

/** `query`: its header and its question, which stand in each message. */
export function* transferMessages(zone: ServedZone, query: Uint8Array): Generator<Uint8Array> {
  const records = new RecordWriter(MESSAGE_OCTETS);
  records.limit = MESSAGE_OCTETS;
  records.octets(query, query.length);
  let count = 0;
  for (const write of recordsOf(zone)) {
    if (!write(records)) {
      yield finished(records, query, count);
      records.at = query.length;
      count = 0;
      write(records); // the largest record there is has room in an empty message
    }
    count++;
  }
  yield finished(records, query, count);
}

function finished(records: RecordWriter, query: Uint8Array, count: number): Uint8Array {
  const end = records.at;
  records.at = 2;
  records.uint16(answerFlags(query, { aa: true, tc: false }) << 8);
  records.uint16(1);
  records.uint16(count);
  records.uint32(0);
  return records.out.slice(0, end);
}

function* recordsOf(zone: ServedZone): Generator<Write> {
  const soa: Write = (records) => records.soa(zone.ttl, zone.soa);
  yield soa;
  for (const server of zone.servers) yield (records) => records.ns(HEADER_OCTETS, zone.ttl, server);
  if (zone.published.retired)
    yield (records) => records.txt(HEADER_OCTETS, zone.ttl, zone.retiredText);
  else yield* new Transfer(zone).records();
  yield soa;
}

class Transfer {
  readonly #zone: ServedZone;
  readonly #names: TransferNames;
  readonly #finding = new Finding();
  readonly #address = new AddressName();
  readonly #encoder = new TextEncoder();

  constructor(zone: ServedZone) {
    this.#zone = zone;
    this.#names = new TransferNames(zone.published.sources);
  }

  *records(): Generator<Write> {
    const { kind, sources } = this.#zone.published;
    this.#finding.find(sources, "names", this.#subject(""));
    yield* this.#found("", HEADER_OCTETS);
    if (kind === "addresses") {
      yield* this.#addresses(4);
      yield* this.#addresses(6);
    } else if (!this.#names.hasExact("test")) yield* this.#name("test");
    for (const owner of this.#names.owners()) yield* this.#name(owner);
  }

  *#addresses(family: 4 | 6): Generator<Write> {
    const which = family === 4 ? "v4" : "v6";
    const tables = this.#zone.published.sources.flat().map((dataset) => dataset[which]);
    // With the test point, which also parts the one beside it, that is not listed, from every block.
    for (const stretch of stretchesOf([...tables, TEST_SEGMENTS[which]]))
      for (const block of blocksOf(stretch, family)) yield* this.#block(block, family);
  }

  /** Names beside it, as a wildcard among the names needs them; and it is among them where a list of names has it as well. */
  *#block(block: Block, family: 4 | 6): Generator<Write> {
    const owner = blockLabels(block, family).join(".");
    if (family === 4 && this.#names.hasExact(owner)) return;
    readBlock(block, family, this.#address);
    this.#finding.below(this.#zone.published, this.#subject(owner));
    if (!this.#finding.listed) return;
    yield* this.#found(owner, wireLabels(owner.split(".")));
    if (family === 4) for (const other of this.#names.with(owner)) if (other !== owner) yield* this.#name(other); // prettier-ignore
  }

  *#name(owner: string): Generator<Write> {
    const labels = owner.split(".");
    if (!this.#isServed(labels)) return;
    const octets = labels.length === OCTETS ? labels.map(octetOf) : [];
    const isAddress = octets.length > 0 && octets.every((octet) => octet >= 0);
    this.#address.family = 0;
    if (isAddress) this.#address.set(4, [octets.reduceRight((sum, octet) => sum * 256 + octet, 0)], undefined); // prettier-ignore
    this.#finding.below(this.#zone.published, this.#subject(owner));
    const wire = wireLabels(labels);
    if (this.#finding.listed) yield* this.#found(owner, wire);
    else yield (records) => records.hinfo(wire, this.#zone.ttl, NOT_LISTED);
  }

  /** Addresses of IPv6 are not looked for among names. */
  #isServed(labels: readonly string[]): boolean {
    const isWild = labels[0] === "*";
    const name = isWild ? labels.slice(1) : labels;
    if (this.#zone.published.kind === "names" || !name.every(isNibble)) return true;
    return isWild ? name.length >= WIDEST.v6 / 4 : name.length !== NIBBLES;
  }

  *#found(owner: string, at: Owner): Generator<Write> {
    const { ttl } = this.#zone;
    const codes = [...this.#finding.codes.subarray(0, this.#finding.codeCount)];
    const texts = this.#finding.texts(this.#subject(owner));
    for (const code of codes) yield (records) => records.a(at, ttl, code);
    for (const text of texts) yield (records) => records.txt(at, ttl, text);
  }

  #subject(owner: string): Parameters<Finding["texts"]>[0] {
    const octets = this.#encoder.encode(owner);
    return { address: this.#address, octets, length: octets.length, plain: true };
  }
}

const NOT_LISTED = "not listed";

function isNibble(label: string): boolean {
  return /^[0-9a-f]$/.test(label);
}

function octetOf(label: string): number {
  return octetIn(new TextEncoder().encode(label), 0, label.length);
}
