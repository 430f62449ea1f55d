/**
 * The bones of an answer: header, question, where each record stands. Everything is counted and measured here before
 * the contents of any record are looked at; a message whose parts do not fill it exactly has none.
 */
import { nameOfLabels, spell, type DnsName } from "./name.ts";
import { HEADER_OCTETS, readWireName } from "./wire-name.ts";

/** Records of a message, in all its sections. */
const RECORDS_LIMIT = 1000;

/** RFC 6891 §6.1.2 */
const OPT = 41;

/** RFC 1035 §4.1.1 */
export interface Header {
  readonly id: number;
  readonly isAnswer: boolean;
  readonly opcode: number;
  readonly truncated: boolean;
  readonly authentic: boolean;
  /** The four bits that are here; OPT may add eight more. */
  readonly rcode: number;
  readonly counts: Counts;
}

interface Counts {
  readonly questions: number;
  readonly answers: number;
  readonly authorities: number;
  readonly additionals: number;
}

export interface WireQuestion {
  /** In the case in which it came; undefined when it is no name of ours. */
  readonly spelling: string | undefined;
  readonly type: number;
  readonly class: number;
  readonly end: number;
}

export interface WireRecord {
  /** Undefined when it is no name of ours, and so none that we asked for. */
  readonly owner: DnsName | undefined;
  readonly type: number;
  readonly class: number;
  /** Seconds. */
  readonly ttl: number;
  /** Where it begins, where its data begin and end. */
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

export interface Sections {
  readonly answers: readonly WireRecord[];
  readonly authorities: readonly WireRecord[];
  /** The upper eight bits of the result, from OPT. */
  readonly extendedRcode: number;
}

export function readHeader(octets: Uint8Array): Header | undefined {
  if (octets.length < HEADER_OCTETS) return undefined;
  const flags = uint16(octets, 2);
  return {
    id: uint16(octets, 0),
    isAnswer: (flags & 0x8000) !== 0,
    opcode: (flags >> 11) & 0xf,
    truncated: (flags & 0x0200) !== 0,
    authentic: (flags & 0x0020) !== 0,
    rcode: flags & 0xf,
    counts: {
      questions: uint16(octets, 4),
      answers: uint16(octets, 6),
      authorities: uint16(octets, 8),
      additionals: uint16(octets, 10),
    },
  };
}

/** The question behind the header; undefined when none stands there whole. */
export function readQuestion(octets: Uint8Array): WireQuestion | undefined {
  const name = readWireName(octets, HEADER_OCTETS);
  if (name === undefined || name.end + 4 > octets.length) return undefined;
  return {
    spelling: spell(name.labels),
    type: uint16(octets, name.end),
    class: uint16(octets, name.end + 2),
    end: name.end + 4,
  };
}

/** The records behind the question, up to the last octet. */
export function readSections(octets: Uint8Array, at: number, counts: Counts): Sections | undefined {
  const { answers, authorities, additionals } = counts;
  const records = readRecords(octets, at, answers + authorities + additionals);
  if (records === undefined) return undefined;
  const options = records.filter(({ type }) => type === OPT);
  if (options.length > 1) return undefined; // RFC 6891 §6.1.1
  return {
    answers: records.slice(0, answers),
    authorities: records.slice(answers, answers + authorities),
    extendedRcode: (options[0]?.ttl ?? 0) >>> 24, // RFC 6891 §6.1.3: it has no time to live
  };
}

function readRecords(octets: Uint8Array, from: number, count: number): WireRecord[] | undefined {
  if (count > RECORDS_LIMIT) return undefined;
  const records: WireRecord[] = [];
  let at = from;
  while (records.length < count) {
    const record = readRecord(octets, at);
    if (record === undefined) return undefined;
    records.push(record);
    at = record.to;
  }
  return at === octets.length ? records : undefined;
}

/** RFC 1035 §4.1.3 */
function readRecord(octets: Uint8Array, at: number): WireRecord | undefined {
  const name = readWireName(octets, at);
  if (name === undefined) return undefined;
  const from = name.end + 10;
  if (from > octets.length) return undefined;
  return {
    owner: nameOfLabels(name.labels),
    type: uint16(octets, name.end),
    class: uint16(octets, name.end + 2),
    ttl: uint16(octets, name.end + 4) * 0x1_0000 + uint16(octets, name.end + 6),
    at,
    from,
    to: from + uint16(octets, from - 2), // beyond the message it is where no record begins or ends
  };
}

/** Both octets are there: whoever asks has looked. */
function uint16(octets: Uint8Array, at: number): number {
  return (octets[at] ?? 0) * 256 + (octets[at + 1] ?? 0);
}
