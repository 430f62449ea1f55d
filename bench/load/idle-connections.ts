/**
 * Opens connections, says EHLO on each, and holds them without a further word until standard input ends. Arguments:
 * port, connections. Prints `held` when all are there.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { numbersGiven } from "./client.ts";

/** Connections that are being opened at once. */
const AT_ONCE = 20;

const [port = 0, connections = 0] = numbersGiven(2);
const held: Socket[] = [];
let begun = 0;

async function openOnes(): Promise<void> {
  while (begun < connections) {
    begun++;
    const socket = connect(port, "127.0.0.1");
    held.push(socket);
    await once(socket, "data"); // the greeting
    socket.write("EHLO client.example\r\n");
    await once(socket, "data");
    socket.on("close", () => {
      throw new Error("the server closed an idle connection");
    });
  }
}

await Promise.all(Array.from({ length: AT_ONCE }, openOnes));
process.stdout.write("held\n");
process.stdin.resume();
await once(process.stdin, "end");
for (const socket of held) socket.removeAllListeners("close").destroy();
