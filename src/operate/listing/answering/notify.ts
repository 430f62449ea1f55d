/** Tells a secondary that a zone has changed (NOTIFY, RFC 1996), and reads what it says to that. */
import { CLASS_IN, HEADER_OCTETS, isQuery, opcodeOf, TYPE, uint16 } from "./header.ts";
import { wireLabels } from "./tail-name.ts";

const OPCODE_NOTIFY = 4;

/** Opcode, and that a server of the zone speaks (RFC 1996 §3.7). */
const FLAGS = (OPCODE_NOTIFY << 3) | 0x04;

/** The message; `id`: 16 bits that nobody can guess. */
export function notifyMessage(origin: string, id: number): Uint8Array {
  const name = wireLabels(origin.split("."));
  const message = new Uint8Array(HEADER_OCTETS + name.length + 1 + 4);
  message.set([id >>> 8, id & 255, FLAGS, 0, 0, 1]);
  message.set(name, HEADER_OCTETS);
  message.set([0, TYPE.soa, 0, CLASS_IN], HEADER_OCTETS + name.length + 1);
  return message;
}

/** What came back: that it was heard, with the RCODE; undefined where it is no answer to the message. */
export function readNotified(answer: Uint8Array, message: Uint8Array): number | undefined {
  if (answer.length < HEADER_OCTETS || uint16(answer, 0) !== uint16(message, 0)) return undefined;
  return !isQuery(answer) && opcodeOf(answer) === OPCODE_NOTIFY ? (answer[3] ?? 0) & 15 : undefined;
}
