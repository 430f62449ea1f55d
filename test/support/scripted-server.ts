/**
 * An SMTP or LMTP server on loopback, or behind a socket, that answers as a test says: yes to all, but for what its script answers otherwise. Commands
 * that come pipelined are answered one by one. It remembers its connections, what was said on each, and the messages.
 */
import assert from "node:assert/strict";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createSecureContext, TLSSocket, type SecureContext } from "node:tls";
import { makeSelfSigned } from "../../src/net/index.ts";

/**
 * Answers of a script: a reply without its last CRLF; "DROP" closes, "RESET" breaks, "SILENCE" says nothing; what begins with "LEAVE "
 * is said, and then the connection is closed.
 */
export type Answer = string | undefined;

export interface Script {
  /** LMTP knows LHLO only, and answers a message for each recipient it took (RFC 2033). */
  readonly protocol?: "smtp" | "lmtp";
  /** Undefined: the usual answer. "greeting" and "." are asked too; in LMTP ". <b@foreign.example>", for each. */
  readonly answer?: (command: string, talk: Talk) => Answer;
  /** Keywords of EHLO. */
  readonly offers?: readonly string[];
  /** "broken": STARTTLS is offered, and its handshake is answered in plain text. */
  readonly tls?: SecureContext | "broken";
}

/** Who closes it: a test. */
export interface Owner {
  after(close: () => void): void;
}

/** One connection, as the server saw it. */
export interface Talk {
  readonly commands: string[];
  /** Paths of the transaction's recipients that were taken. */
  readonly taken: string[];
  /** Of all connections, from 0. */
  readonly number: number;
  secure: boolean;
  /** The client's address. */
  readonly from: string | undefined;
}

export const SERVER_TLS = makeSelfSigned("mx.foreign.example", Date.now()).then(
  ({ certificate, key }) => createSecureContext({ cert: certificate, key }),
);

export class ScriptedServer {
  readonly talks: Talk[] = [];
  /** As they came, dots stuffed, without the end mark. */
  readonly messages: string[] = [];
  /** MAIL and RCPT of each of them, as they were said. */
  readonly envelopes: (readonly string[])[] = [];
  /** Asked anew for each answer, so a test may put another one in its place. */
  script: Script;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(script: Script) {
    this.script = script;
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  }

  static async open(
    owner: Owner,
    script: Script = {},
    at: { readonly address?: string; readonly port?: number; readonly socket?: string } = {},
  ): Promise<ScriptedServer> {
    const server = new ScriptedServer(script);
    const { address = "127.0.0.1", port = 0, socket } = at;
    const place = socket === undefined ? { host: address, port } : { path: socket };
    await new Promise<void>((resolve, reject) => {
      server.#server.once("error", reject);
      server.#server.listen(place, resolve);
    });
    owner.after(() => server.close());
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port; // a TCP server's address is an AddressInfo
  }

  /** Connections that stand. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Says what it was silent about, over every connection that stands; not under TLS. */
  sayLate(line: string): void {
    for (const socket of this.#sockets) socket.write(`${line}\r\n`);
  }

  hangUp(): void {
    for (const socket of this.#sockets) socket.end();
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  /** All commands, over all connections. */
  get commands(): string[] {
    return this.talks.flatMap(({ commands }) => commands);
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    const talk: Talk = {
      commands: [],
      taken: [],
      number: this.talks.length,
      secure: false,
      from: socket.remoteAddress,
    };
    this.talks.push(talk);
    if (this.#say(socket, this.script.answer?.("greeting", talk) ?? "220 mx.foreign.example"))
      this.#listen(socket, talk);
  }

  #listen(socket: Socket, talk: Talk): void {
    let input = "";
    let inData = false;
    const onData = (bytes: Buffer): void => {
      input += bytes.toString("latin1");
      for (;;) {
        const end = input.indexOf(inData ? "\r\n.\r\n" : "\r\n");
        const content = inData && input === ".\r\n" ? "" : undefined;
        if (end < 0 && content === undefined) return;
        const text = content ?? input.slice(0, end);
        input = content === undefined ? input.slice(end + (inData ? 5 : 2)) : "";
        if (inData) this.#keep(text, talk);
        const command = inData ? "." : text;
        inData = false;
        talk.commands.push(command);
        if (command === "." && this.script.protocol === "lmtp") {
          const answers = talk.taken.map((path) => this.#answer(`. ${path}`, talk));
          if (!answers.every((each) => this.#say(socket, each))) return;
          continue;
        }
        const answer = this.#answer(command, talk);
        if (!this.#say(socket, answer)) return;
        if (command.startsWith("MAIL ")) talk.taken.length = 0;
        if (command.startsWith("RCPT ") && answer.startsWith("2"))
          talk.taken.push(/<.*?>/.exec(command)?.[0] ?? "");
        if (command === "DATA" && answer.startsWith("354")) inData = true;
        const { tls: secureContext } = this.script;
        if (command === "STARTTLS" && answer.startsWith("220 ") && secureContext !== undefined) {
          socket.off("data", onData);
          if (secureContext === "broken")
            return void socket.once("data", () => socket.end("500 what?\r\n"));
          const secure = new TLSSocket(socket, { isServer: true, secureContext });
          secure.on("error", () => secure.destroy());
          talk.secure = true;
          return this.#listen(secure, talk);
        }
      }
    };
    socket.on("data", onData);
    socket.on("error", () => socket.destroy());
  }

  #keep(message: string, { commands }: Talk): void {
    this.messages.push(message);
    const mail = commands.findLastIndex((command) => command.startsWith("MAIL "));
    this.envelopes.push(commands.slice(mail).filter((command) => /^(?:MAIL|RCPT) /.test(command)));
  }

  /** False when that was the last word. */
  #say(socket: Socket, answer: string): boolean {
    switch (answer) {
      case "DROP":
        socket.end();
        return false;
      case "RESET":
        if (socket instanceof TLSSocket) socket.destroy();
        else socket.resetAndDestroy();
        return false;
      case "SILENCE":
        return true;
    }
    const last = answer.startsWith("LEAVE ") || answer.startsWith("221 ");
    const text = `${answer.replace("LEAVE ", "")}\r\n`;
    if (last) socket.end(text);
    else socket.write(text);
    return !last;
  }

  #answer(command: string, talk: Talk): string {
    const scripted = this.script.answer?.(command, talk);
    if (scripted !== undefined) return scripted;
    const [verb = ""] = command.split(" ");
    const hello = this.script.protocol === "lmtp" ? "LHLO" : "EHLO";
    switch (verb) {
      case "EHLO":
      case "LHLO": {
        if (verb !== hello) return "500 5.5.1 unknown command";
        const offers = this.script.offers ?? ["PIPELINING", "8BITMIME", "SMTPUTF8"];
        const tls = this.script.tls !== undefined && !talk.secure ? ["STARTTLS"] : [];
        return ["mx.foreign.example", ...offers, ...tls]
          .map((line, i, all) => `250${i === all.length - 1 ? " " : "-"}${line}`)
          .join("\r\n");
      }
      case "DATA":
        return "354 go ahead";
      case ".":
        return `250 2.0.0 queued as ${this.messages.length}`;
      case "QUIT":
        return "221 2.0.0 bye";
      case "STARTTLS":
        return "220 go ahead";
      default:
        assert.notEqual(verb, "", "an empty command");
        return "250 ok";
    }
  }
}
