/**
 * The one place that knows `dns-packet`. It writes our questions, and it reads the data of records, but only of those
 * whose bones have been measured and whose data have the shape of their type: left alone, it joins labels with dots in
 * them, reads octets as UTF-8, passes over the length of data, and follows pointers for as long as they go on.
 */
import packet, { type Answer } from "dns-packet";
import { parseIp, type Ip } from "../../mail/index.ts";
import { nameOfLabels, parseName } from "./name.ts";
import type { RecordData, RecordType } from "./records.ts";
import type { WireRecord } from "./skeleton.ts";
import { readWireName } from "./wire-name.ts";

declare module "dns-packet" {
  /** One record; the library has it, its types do not. */
  export namespace answer {
    function decode(octets: Uint8Array, at: number): Answer;
  }
}

export interface QuestionWords {
  readonly id: number;
  /** The name in the case in which it is asked for. */
  readonly spelling: string;
  readonly type: RecordType;
  /** Octets of a datagram that we take (RFC 6891 §6.2.3); without EDNS undefined. */
  readonly datagramOctets: number | undefined;
  /** AD in a question asks for AD in the answer (RFC 6840 §5.7). */
  readonly wantsAuthentic: boolean;
}

export function encodeQuestion(words: QuestionWords): Uint8Array {
  const { id, spelling, type, datagramOctets, wantsAuthentic } = words;
  const flags = packet.RECURSION_DESIRED | (wantsAuthentic ? packet.AUTHENTIC_DATA : 0);
  return packet.encode({
    type: "query",
    id,
    flags,
    questions: [{ type, name: spelling }],
    additionals: datagramOctets === undefined ? [] : [opt(datagramOctets)],
  });
}

function opt(udpPayloadSize: number): Answer {
  const none = { extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [] };
  return { type: "OPT", name: ".", udpPayloadSize, ...none };
}

/** The data of a record of this type; undefined when they are not of its shape, or hold a name that is none of ours. */
export function readData<Type extends RecordType>(
  octets: Uint8Array,
  record: WireRecord,
  type: Type,
): RecordData[Type] | undefined {
  if (!isShaped(octets, record, SHAPES[type])) return undefined;
  // oxlint-disable-next-line no-restricted-globals -- the library reads nothing else; this is a view, no copy
  const view = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
  try {
    return READERS[type](packet.answer.decode(view, record.at));
  } catch {
    return undefined; // measured as we have, it has no reason to throw; if it does, this is no answer
  }
}

/** "loose": a name of any octets, which nobody looks at. A number: so many octets. */
type Part = "name" | "loose" | "strings" | "rest" | number;

const SHAPES: Readonly<Record<RecordType, readonly Part[]>> = {
  A: [4],
  AAAA: [16],
  CNAME: ["name"],
  MX: [2, "name"],
  NS: ["name"],
  PTR: ["name"],
  SOA: ["name", "loose", 20],
  SRV: [6, "name"],
  TLSA: [3, "rest"],
  TXT: ["strings"],
};

/** Whether the parts fill the data exactly. */
function isShaped(octets: Uint8Array, { from, to }: WireRecord, parts: readonly Part[]): boolean {
  let at: number | undefined = from;
  for (const part of parts) {
    at = endOf(part, octets, at, to);
    if (at === undefined || at > to) return false;
  }
  return at === to;
}

function endOf(part: Part, octets: Uint8Array, at: number, to: number): number | undefined {
  switch (part) {
    case "name":
    case "loose": {
      const name = readWireName(octets, at);
      const good = name !== undefined && (part === "loose" || nameOfLabels(name.labels));
      return good ? name.end : undefined;
    }
    case "strings":
      return endOfStrings(octets, at, to);
    case "rest":
      return at < to ? to : undefined;
    default:
      return at + part;
  }
}

/** One or more strings (RFC 1035 §3.3.14). */
function endOfStrings(octets: Uint8Array, from: number, to: number): number | undefined {
  if (from === to) return undefined;
  let at = from;
  while (at < to) at += 1 + (octets[at] ?? 0);
  return at;
}

/** From the library's values to ours. */
const READERS: {
  readonly [Type in RecordType]: (answer: Answer) => RecordData[Type] | undefined;
} = {
  A: readIp,
  AAAA: readIp,
  CNAME: (answer) => (answer.type === "CNAME" ? parseName(answer.data) : undefined),
  NS: (answer) => (answer.type === "NS" ? parseName(answer.data) : undefined),
  PTR: (answer) => (answer.type === "PTR" ? parseName(answer.data) : undefined),
  MX(answer) {
    if (answer.type !== "MX") return undefined;
    const exchange = parseName(answer.data.exchange);
    return exchange && { preference: answer.data.preference ?? 0, exchange };
  },
  SOA(answer) {
    if (answer.type !== "SOA") return undefined;
    const { mname, serial = 0, minimum = 0 } = answer.data;
    const primary = parseName(mname);
    return primary && { primary, serial, minimum };
  },
  SRV(answer) {
    if (answer.type !== "SRV") return undefined;
    const { priority = 0, weight = 0, port, target: text } = answer.data;
    const target = parseName(text);
    return target && { priority, weight, port, target };
  },
  TLSA(answer) {
    if (answer.type !== "TLSA") return undefined;
    const { usage, selector, matchingType, certificate } = answer.data;
    return { usage, selector, matchingType, data: Uint8Array.from(certificate) };
  },
  TXT: (answer) =>
    answer.type === "TXT" && Array.isArray(answer.data) ? joined(answer.data) : undefined,
};

function readIp(answer: Answer): Ip | undefined {
  return answer.type === "A" || answer.type === "AAAA" ? parseIp(answer.data) : undefined;
}

/** Copied, so that a short text does not keep a whole message in memory. */
function joined(strings: readonly (string | Uint8Array)[]): Uint8Array {
  const octets = new Uint8Array(strings.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const string of strings) {
    if (typeof string === "string") continue; // it reads octets, and takes text for writing only
    octets.set(string, at);
    at += string.length;
  }
  return octets;
}
