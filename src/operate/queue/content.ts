/** The message of a row as it would be sent, in pieces: the header section alone, or all of it. */
import { headerSectionEnd } from "../../mail/index.ts";
import type { Queue, QueueId } from "../../store/index.ts";

const PIECE_OCTETS = 64 * 1024;

/** A header section that goes on for longer is shown as far as this. */
const HEADER_OCTETS = 1024 * 1024;

/** Ends early where the row goes meanwhile. */
export async function* rowContent(
  queue: Pick<Queue, "read">,
  row: QueueId,
): AsyncGenerator<Uint8Array> {
  for (let offset = 0; ;) {
    const piece = await queue.read(row, offset, PIECE_OCTETS);
    if (piece === undefined || piece.length === 0) return;
    yield piece;
    offset += piece.length;
  }
}

/** With the empty line at its end; all there is of a message that has none. */
export async function rowHeaders(queue: Pick<Queue, "read">, row: QueueId): Promise<Uint8Array> {
  let seen = Buffer.alloc(0);
  for await (const piece of rowContent(queue, row)) {
    const from = seen.length;
    seen = Buffer.concat([seen, piece]);
    const end = headerSectionEnd(seen, from);
    if (end >= 0) return seen.subarray(0, end);
    if (seen.length >= HEADER_OCTETS) break;
  }
  return seen;
}
