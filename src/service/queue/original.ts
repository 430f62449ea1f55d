/** What a report brings back of a message: its header section, and all of it where that was asked for and is not large. */
import type { QueueRow } from "../../store/index.ts";
import type { QueueDeps } from "./deps.ts";

export interface Original {
  /** With its blank line; as far as the limit goes. */
  readonly headerSection: Uint8Array;
  /** The message in its own octets. */
  readonly whole?: Uint8Array;
}

/** Octets read of a header section; more than any that was accepted has, whatever the limits were then. */
const HEADER_LIMIT = 1_048_576;
const CHUNK = 262_144;

/** Rejects when the message cannot be read: whoever reports tries again later. */
export async function readOriginal(
  row: QueueRow,
  queue: QueueDeps["queue"],
  wholeLimit: number,
): Promise<Original> {
  const isWanted = row.octets <= wholeLimit;
  const enough = isWanted ? () => false : (octets: Uint8Array) => endOfHeader(octets) !== undefined;
  const octets = await readUntil(row, queue, Math.max(HEADER_LIMIT, wholeLimit), enough);
  const headerSection = octets.subarray(0, endOfHeader(octets) ?? octets.length);
  return isWanted ? { headerSection, whole: octets } : { headerSection };
}

async function readUntil(
  { id }: QueueRow,
  queue: QueueDeps["queue"],
  limit: number,
  enough: (octets: Uint8Array) => boolean,
): Promise<Uint8Array> {
  let octets: Uint8Array = new Uint8Array();
  while (octets.length < limit && !enough(octets)) {
    const piece = await queue.read(id, octets.length, CHUNK);
    if (piece === undefined || piece.length === 0) break;
    octets = Buffer.concat([octets, piece]);
  }
  return octets;
}

/** Index after the blank line; undefined where it has not come yet. */
function endOfHeader(octets: Uint8Array): number | undefined {
  if (octets[0] === 13 && octets[1] === 10) return 2;
  const blank = Buffer.from(octets.buffer, octets.byteOffset, octets.length).indexOf("\r\n\r\n");
  return blank < 0 ? undefined : blank + 4;
}
