/** A whole conversation in one go: all commands are sent at once, and the answers read to the end. */
import { once } from "node:events";
import { connect } from "node:net";

/** Milliseconds without a byte. */
const PATIENCE = 30_000;

/** Sends the lines to a port of loopback, the last of them QUIT; returns all that came back. */
export async function converse(port: number, lines: readonly (string | Buffer)[]): Promise<Buffer> {
  const socket = connect(port, "127.0.0.1");
  socket.setTimeout(PATIENCE, () => socket.destroy(new Error(`port ${port} is silent`)));
  const received: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => received.push(chunk));
  await once(socket, "data"); // the greeting: whoever talks before it is refused
  for (const line of lines) {
    socket.write(line);
    socket.write("\r\n");
  }
  await once(socket, "close");
  return Buffer.concat(received);
}
