/** Asks a list server over loopback, by datagram and by stream, in plain words. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import { framed, IncomingMessages } from "../../../../src/net/index.ts";

/** Milliseconds after which there is no answer. */
const ANSWER_MS = 5000;

export interface Asker {
  /** Undefined: no answer came. */
  readonly ask: (text: string) => Promise<string | undefined>;
  readonly close: () => void;
}

/** From a port of its own. */
export async function asker(port: number, address = "127.0.0.1"): Promise<Asker> {
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  socket.on("error", () => {}); // nobody is there any more: there is no answer
  socket.connect(port, address);
  await once(socket, "connect");
  return {
    async ask(text) {
      const answer = once(socket, "message", { signal: AbortSignal.timeout(ANSWER_MS) });
      socket.send(text);
      try {
        const [message] = (await answer) as [Buffer];
        return message.toString("latin1");
      } catch {
        return undefined;
      }
    },
    close: () => socket.close(),
  };
}

/** All that is answered over one connection to these questions, until there are as many messages or it ends. */
export async function askByStream(
  port: number,
  texts: readonly string[],
  messages: number,
): Promise<string[]> {
  const socket = connect(port, "127.0.0.1");
  const incoming = new IncomingMessages();
  const heard: string[] = [];
  socket.setTimeout(ANSWER_MS, () => socket.destroy());
  socket.write(Buffer.concat(texts.map((text) => framed(Buffer.from(text)))));
  try {
    for await (const chunk of socket) {
      incoming.give(chunk as Buffer);
      for (let next = incoming.next(); next !== undefined; next = incoming.next())
        heard.push(Buffer.from(next).toString("latin1"));
      if (heard.length >= messages) break;
    }
  } catch {
    // whoever is turned away may find the connection reset
  } finally {
    socket.destroy();
  }
  return heard;
}
