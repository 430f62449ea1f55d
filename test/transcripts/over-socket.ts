/**
 * Plays a transcript's client over a real loopback socket, real TLS included, against the same engine and scripted desk
 * behind the server's own listener. What it may not change: a word that is said, asked or told.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls, createSecureContext, type SecureContext } from "node:tls";
import { makeSelfSigned, NetServer, type Service } from "../../src/net/index.ts";
import { Conversation, type Dialogue, type Wire } from "../../src/protocol/dialogue/index.ts";
import { silentLog, systemClock } from "../../src/runtime/index.ts";
import { encodeLines } from "./escapes.ts";
import { ScriptedDesk, type Area } from "./scripted-desk.ts";
import type { Event, Transcript, Turn } from "./transcript.ts";

/** Milliseconds after which something that should have come is missing. */
const PATIENCE_MS = 5000;

/** The transcript with what happened in place of what was expected. */
export async function playOverSocket<Ask, Tell, Answer>(
  transcript: Transcript,
  area: Area<Ask, Tell, Answer>,
): Promise<Transcript> {
  const desk = new ScriptedDesk(area, transcript.setup, { late: true, slow: false });
  const server = new TappedServer(
    (wire) => new Conversation(area.engine(transcript.setup), desk, wire),
  );
  const client = new Client(await server.listen());
  await server.opened;
  const turns: Turn[] = [];
  for (const turn of transcript.turns) turns.push(await perform(turn, client, server, desk));
  client.destroy();
  await until(() => server.closed);
  await server.stop();
  return { ...transcript, turns, record: desk.record };
}

/** Octets that would have to come in the clear while TLS begins: TLS itself eats them, so no engine sees them. */
export function isForSockets({ turns }: Transcript): boolean {
  return turns.every((turn, i) => {
    const before = turns[i - 1]?.said.at(-1) ?? "";
    const handshake =
      /^220 2\.0\.0 ready|^\+OK begin TLS/.test(before) && turns[i - 1]?.closed === false;
    return !handshake || turn.event !== undefined || turn.octets.length === 0;
  });
}

async function perform<Ask, Tell, Answer>(
  turn: Turn,
  client: Client,
  server: TappedServer,
  desk: ScriptedDesk<Ask, Tell, Answer>,
): Promise<Turn> {
  if (turn.event !== undefined) await happen(turn.event, client, server);
  await client.send(turn.octets);
  await until(() => server.received >= client.sent || client.ended || server.closed);
  const expected = turn.said.join("\n").length;
  await until(() => {
    desk.answerNext();
    return (client.shown().length >= expected && (client.ended || !turn.closed)) || server.closed;
  });
  if (turn.closed) await until(() => client.ended);
  while (desk.answerNext()) await new Promise(setImmediate);
  return { ...turn, said: encodeLines(client.take()), closed: client.tookEnd() };
}

async function happen(event: Event, client: Client, server: TappedServer): Promise<void> {
  switch (event) {
    case "TLS":
      return client.secure();
    case "TIMEOUT":
      return server.dialogue?.timeout();
    case "SHUTDOWN":
      return server.dialogue?.shutdown();
    case "HANGUP":
      client.destroy();
      return until(() => server.closed);
    case "PAUSE":
      return undefined;
  }
}

class Client {
  #socket: Socket;
  #heard: Buffer[] = [];
  sent = 0;
  ended = false;
  #endTaken = false;

  constructor(port: number) {
    this.#socket = connect(port, "127.0.0.1");
    this.#listen(this.#socket);
  }

  /** What waits to be taken, as a transcript writes it. */
  shown(): string {
    return encodeLines(Buffer.concat(this.#heard)).join("\n");
  }

  async send(octets: Uint8Array): Promise<void> {
    if (octets.length === 0 || this.ended) return;
    this.sent += octets.length;
    await new Promise<void>((resolve) => this.#socket.write(octets, () => resolve()));
  }

  async secure(): Promise<void> {
    this.#socket.removeAllListeners("data");
    const secured = connectTls({ socket: this.#socket, rejectUnauthorized: false });
    await once(secured, "secureConnect");
    this.#socket = secured;
    this.#listen(secured);
  }

  take(): Buffer {
    return Buffer.concat(this.#heard.splice(0));
  }

  /** True once, when the server has closed. */
  tookEnd(): boolean {
    const first = this.ended && !this.#endTaken;
    this.#endTaken ||= this.ended;
    return first;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #listen(socket: Socket): void {
    socket.on("data", (octets: Buffer) => this.#heard.push(octets));
    socket.on("end", () => (this.ended = true));
    socket.on("error", () => (this.ended = true));
  }
}

/** The server's own listener, with a count of what reached the dialogue. */
class TappedServer {
  readonly #converse: (wire: Wire) => Dialogue;
  readonly #net = new NetServer(() => LIMITS, silentLog);
  readonly opened: Promise<void>;
  #open: () => void = () => {};
  dialogue: Dialogue | undefined;
  received = 0;
  closed = false;

  constructor(converse: (wire: Wire) => Dialogue) {
    this.#converse = converse;
    this.opened = new Promise((resolve) => (this.#open = resolve));
  }

  async listen(): Promise<number> {
    const context = await CONTEXT;
    const service: Service = {
      open: (_peer, wire) => this.#tapped(wire),
      busy: () => "",
      environment: () => ({
        clock: systemClock,
        log: silentLog,
        secureContext: () => context,
        handshakeMs: 60_000,
        crowdedMs: 60_000,
        sessionMs: 60_000,
      }),
    };
    const { port } = await this.#net.listen(OPTIONS, service);
    return port;
  }

  stop(): Promise<void> {
    return this.#net.stop(0);
  }

  #tapped(wire: Wire): Dialogue {
    const dialogue = this.#converse(wire);
    this.dialogue = dialogue;
    this.#open();
    return {
      start: () => dialogue.start(),
      receive: (bytes) => {
        this.received += bytes.length;
        dialogue.receive(bytes);
      },
      drained: () => dialogue.drained(),
      secured: (facts) => dialogue.secured(facts),
      timeout: () => dialogue.timeout(),
      shutdown: () => dialogue.shutdown(),
      finished: () => dialogue.finished(),
      closed: () => {
        dialogue.closed();
        this.closed = true;
      },
      patienceMs: (crowded) => dialogue.patienceMs(crowded),
      progress: () => dialogue.progress(),
    };
  }
}

const LIMITS = { connections: 10, connectionsPerAddress: 10, connectionsPerNetwork: 10 };
const OPTIONS = {
  name: "test",
  setting: "test",
  address: "127.0.0.1",
  port: 0,
  implicitTls: false,
  proxyFrom: [],
};
const CONTEXT: Promise<SecureContext> = makeSelfSigned("mx.local.example", Date.now()).then(
  ({ certificate, key }) => createSecureContext({ cert: certificate, key }),
);

/** Polls: what is waited for happens in this process, within a turn or two of the event loop. */
async function until(reached: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!reached() && performance.now() < deadline) await new Promise(setImmediate);
}
