/** A client by hand: says lines, waits for complete replies. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import {
  connect as connectTls,
  createSecureContext,
  TLSSocket,
  type SecureVersion,
} from "node:tls";

/**
 * Milliseconds to wait for a reply; a server that hangs fails the test instead of holding it. More than the store waits for another
 * program's lock, twice.
 */
const PATIENCE_MS = 30_000;

/** Trusts nobody, and need not: whose certificate it is is tested elsewhere. */
const CLIENT_CONTEXT = createSecureContext();

export class Talk {
  #socket: Socket;
  #heard = "";
  #ended = false;
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen(socket);
  }

  /** From an address of this machine that the system chooses, unless one is named. */
  static async to(port: number, host = "127.0.0.1", localAddress?: string): Promise<Talk> {
    const socket = connect({ port, host, ...(localAddress !== undefined && { localAddress }) });
    await once(socket, "connect");
    return new Talk(socket);
  }

  /** Over TLS from the first byte. */
  static async toTls(port: number, maxVersion: SecureVersion = "TLSv1.3"): Promise<Talk> {
    const secureContext = createSecureContext({ maxVersion });
    const socket = connectTls({
      port,
      host: "127.0.0.1",
      secureContext,
      rejectUnauthorized: false,
    });
    await once(socket, "secureConnect");
    return new Talk(socket);
  }

  /** What a login can be bound to at this end of the TLS connection (RFC 9266). */
  get exporter(): Uint8Array {
    if (!(this.#socket instanceof TLSSocket)) throw new Error("there is no TLS");
    return this.#socket.exportKeyingMaterial(32, "EXPORTER-Channel-Binding", Buffer.alloc(0));
  }

  /** Of this end. */
  get port(): number {
    return this.#socket.localPort ?? 0;
  }

  say(text: string): this {
    this.#socket.write(text, "latin1");
    return this;
  }

  /** Says a line and resolves to the reply, its last line complete ("250 …" or "+OK …"). */
  async ask(line: string): Promise<string> {
    this.say(`${line}\r\n`);
    return this.reply();
  }

  async reply(): Promise<string> {
    for (;;) {
      const match = /^(?:[0-9]{3}-.*\r\n)*(?:[0-9]{3}(?: .*)?|[+-].*)\r\n/.exec(this.#heard);
      if (match !== null) {
        this.#heard = this.#heard.slice(match[0].length);
        return match[0];
      }
      if (this.#ended) return this.#heard === "" ? "closed" : this.#heard;
      await this.#more();
    }
  }

  /** Everything up to a mark, the mark included. */
  async until(mark: string): Promise<string> {
    while (!this.#heard.includes(mark) && !this.#ended) await this.#more();
    const end = this.#heard.indexOf(mark) + mark.length;
    const text = this.#heard.slice(0, end);
    this.#heard = this.#heard.slice(end);
    return text;
  }

  /** What comes before a line that is a dot, which goes with it; all that comes when there is none. */
  async block(): Promise<string> {
    for (;;) {
      const dot = this.#heard.startsWith(".\r\n") ? 0 : this.#heard.indexOf("\r\n.\r\n") + 2;
      if (dot !== 1) {
        const text = this.#heard.slice(0, dot);
        this.#heard = this.#heard.slice(dot + 3);
        return text;
      }
      if (this.#ended) return this.rest();
      await this.#more();
    }
  }

  async closed(): Promise<void> {
    while (!this.#ended) await this.#more();
  }

  /** All that is still said until the connection ends. */
  async rest(): Promise<string> {
    await this.closed();
    const text = this.#heard;
    this.#heard = "";
    return text;
  }

  /** Begins TLS over what stands, and shows a certificate where one is given; false when it comes to nothing. */
  async secure(own?: { readonly cert: Buffer; readonly key: Buffer }): Promise<boolean> {
    this.#socket.removeAllListeners("data");
    const secure = connectTls({
      socket: this.#socket,
      secureContext: own === undefined ? CLIENT_CONTEXT : createSecureContext(own),
      rejectUnauthorized: false,
    });
    this.#socket = secure;
    this.#listen(secure);
    return new Promise((resolve) => {
      secure.once("secureConnect", () => resolve(true));
      secure.once("close", () => resolve(false));
    });
  }

  /** Says nothing more, and goes on listening. */
  finish(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #listen(socket: Socket): void {
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    socket.on("data", (bytes: Buffer) => {
      this.#heard += bytes.toString("latin1");
      this.#wake();
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.#ended = true;
      this.#wake();
    });
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** Delivers a message and resolves to the reply to its final dot, or to the first refusal. */
export async function deliver(port: number, to: string, content: string): Promise<string> {
  const talk = await Talk.to(port);
  const lines = [
    "EHLO client.example",
    "MAIL FROM:<sender@remote.example>",
    `RCPT TO:<${to}>`,
    "DATA",
  ];
  let reply = await talk.reply();
  for (const line of lines) {
    reply = await talk.ask(line);
    if (!/^[23]/.test(reply)) return reply;
  }
  reply = await talk.ask(`${content}\r\n.`);
  await talk.ask("QUIT");
  talk.destroy();
  return reply;
}
