/** Conversations with a port of loopback: whether somebody is there, and a whole one in one go. */
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

/** Somebody listens on that port of loopback. */
export async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false; // Nobody, most likely; whoever waits for somebody gives up after a while.
  } finally {
    socket.destroy();
  }
}
