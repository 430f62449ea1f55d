/** A question as it is sent once: the name in a case of its own, and an id. Both are chance that a forger has to guess. */
import type { DnsName } from "./name.ts";
import { encodeQuestion } from "./packet.ts";
import type { RecordType } from "./records.ts";

/** What an answer to it is held against. */
export interface Question {
  readonly name: DnsName;
  readonly type: RecordType;
  readonly id: number;
  /** The name in mixed case ("0x20"): an answer that repeats it has seen it. */
  readonly spelling: string;
  readonly manner: Manner;
  /** Whether AD in its answer is believed. */
  readonly trusted: boolean;
}

export interface Manner {
  readonly transport: "udp" | "tcp";
  readonly edns: boolean;
}

/** Octets of a datagram that no network splits (RFC 9715); and without EDNS (RFC 1035 §4.2.1). */
const EDNS_OCTETS = 1232;
const PLAIN_OCTETS = 512;

/** Octets of chance for one question: two for the id, and a bit for each letter of the longest name. */
export const CHANCE_OCTETS = 2 + 32;

export function makeQuestion(
  asked: { readonly name: DnsName; readonly type: RecordType },
  chance: Uint8Array,
  manner: Manner,
  trusted: boolean,
): Question {
  const [high = 0, low = 0] = chance;
  const spelling = mixCase(asked.name, chance.subarray(2));
  return { ...asked, id: high * 256 + low, spelling, manner, trusted };
}

export function questionOctets(question: Question): Uint8Array {
  const { id, spelling, type, manner, trusted } = question;
  const datagramOctets = manner.edns ? EDNS_OCTETS : undefined;
  return encodeQuestion({ id, spelling, type, datagramOctets, wantsAuthentic: trusted });
}

/** The longest answer that may come. */
export function answerLimit({ transport, edns }: Manner): number {
  if (transport === "tcp") return 0xffff;
  return edns ? EDNS_OCTETS : PLAIN_OCTETS;
}

/** Bit n of the chance says whether letter n is a capital. */
function mixCase(name: DnsName, chance: Uint8Array): string {
  return name.replaceAll(/[a-z]/g, (letter, n: number) => {
    const bit = ((chance[n >> 3] ?? 0) >> (n & 7)) & 1;
    return bit === 1 ? letter.toUpperCase() : letter;
  });
}
