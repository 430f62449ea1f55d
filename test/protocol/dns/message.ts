/** Messages as a server would send them, written octet by octet, so that wrong ones can be written too. */
import { TYPE_NUMBERS, type Question, type RecordType } from "../../../src/protocol/dns/index.ts";

export type Octets = readonly number[];

export interface Message {
  readonly id: number;
  /** The second 16 bits of the header; 0x8180 is an ordinary answer. */
  readonly flags: number;
  readonly questions: readonly Octets[];
  readonly answers: readonly Octets[];
  readonly authorities: readonly Octets[];
  readonly additionals: readonly Octets[];
}

export const FLAGS = {
  answer: 0x8180,
  truncated: 0x0200,
  authentic: 0x0020,
  query: 0x0100,
} as const;
export const RCODES = { formatError: 1, servfail: 2, noSuchName: 3, notImplemented: 4, refused: 5 };

/** An answer to the question, empty where nothing is said. */
export function answerTo(question: Question, more: Partial<Message> = {}): Uint8Array {
  const { id, spelling, type } = question;
  const questions = [asking(spelling, TYPE_NUMBERS[type])];
  return written({ id, flags: FLAGS.answer, questions, ...NOTHING, ...more });
}

const NOTHING = { answers: [], authorities: [], additionals: [] };

export function written(message: Message): Uint8Array {
  const { id, flags, questions, answers, authorities, additionals } = message;
  const sections = [questions, answers, authorities, additionals];
  const counts = sections.map(({ length }) => length);
  return Uint8Array.from([...[id, flags, ...counts].flatMap(uint16), ...sections.flat(2)]);
}

export function asking(name: string, type: number, klass = 1): Octets {
  return [...name2wire(name), ...uint16(type), ...uint16(klass)];
}

/** A record; the name as text or as octets. */
export function record(
  owner: string | Octets,
  type: RecordType | number,
  data: Octets,
  { ttl = 300, klass = 1 } = {},
): Octets {
  const name = typeof owner === "string" ? name2wire(owner) : owner;
  const number = typeof type === "number" ? type : TYPE_NUMBERS[type];
  return [
    ...name,
    ...[number, klass].flatMap(uint16),
    ...uint32(ttl),
    ...uint16(data.length),
    ...data,
  ];
}

export function mx(preference: number, exchange: string): Octets {
  return [...uint16(preference), ...name2wire(exchange)];
}

export function srv(priority: number, weight: number, port: number, target: string): Octets {
  return [...[priority, weight, port].flatMap(uint16), ...name2wire(target)];
}

export function soa(primary: string, mailbox: string | Octets, minimum: number): Octets {
  const rname = typeof mailbox === "string" ? name2wire(mailbox) : mailbox;
  return [...name2wire(primary), ...rname, ...[7, 8, 9, 10, minimum].flatMap(uint32)];
}

export function txt(...strings: readonly string[]): Octets {
  return strings.flatMap((string) => [string.length, ...chars(string)]);
}

/** An OPT record: octets of a datagram, the upper bits of the result. */
export function opt(extendedRcode = 0): Octets {
  return record(".", 41, [], { klass: 1232, ttl: extendedRcode * 2 ** 24 });
}

export function name2wire(name: string): Octets {
  return labels(name === "." ? [] : name.split("."));
}

/** A name of such labels, whatever is in them. */
export function labels(texts: readonly string[]): Octets {
  return [...texts.flatMap((text) => [text.length, ...chars(text)]), 0];
}

export function pointer(to: number): Octets {
  return uint16(0xc000 + to);
}

function chars(text: string): Octets {
  return Array.from(text, (char) => char.charCodeAt(0));
}

export function uint16(number: number): number[] {
  return [(number >> 8) & 0xff, number & 0xff];
}

function uint32(number: number): number[] {
  return [...uint16(Math.floor(number / 0x1_0000)), ...uint16(number & 0xffff)];
}
