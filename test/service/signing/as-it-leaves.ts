/** A message as another server gets it: lines broken and a last line end, as the client engine sends it. */
import { LineBreaker } from "../../../src/protocol/smtp/index.ts";

export function asItLeaves(message: Uint8Array): Buffer {
  const parts: Uint8Array[] = [];
  const lines = new LineBreaker();
  lines.write(message, (slice) => parts.push(slice.slice()));
  lines.end((slice) => parts.push(slice.slice()));
  const sent = Buffer.concat(parts);
  return sent.subarray(-2).equals(LINE_END) ? sent : Buffer.concat([sent, LINE_END]);
}

const LINE_END = Buffer.from("\r\n");
