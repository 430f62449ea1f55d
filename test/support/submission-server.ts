/** A submission port by script: TLS with a certificate of its own, AUTH PLAIN, and replies that the test chooses. */
import { createServer, type AddressInfo, type Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";
import { makeSelfSigned } from "../../src/net/index.ts";

export const LOGIN = { user: "ann@example.org", password: "correct horse" };

export interface Script {
  readonly tls: "starttls" | "implicit" | "none";
  /** Whose certificate it shows. */
  readonly name?: string;
  /** To RCPT, by address; the others are taken. */
  readonly recipients?: Readonly<Record<string, string>>;
  /** To the right login; and to the final dot. */
  readonly login?: string;
  readonly end?: string;
}

export interface Submitted {
  readonly commands: readonly string[];
  /** Stuffed dots taken off. */
  readonly content: string;
}

export class SubmissionServer {
  readonly submitted: Submitted[] = [];
  /** Also what came to nothing. */
  readonly said: string[] = [];
  readonly port: number;
  /** PEM of its certificate, by which it can be an authority too. */
  readonly certificate: string;
  readonly #close: () => Promise<void>;

  private constructor(port: number, certificate: string, close: () => Promise<void>) {
    this.port = port;
    this.certificate = certificate;
    this.#close = close;
  }

  static async start(script: Script): Promise<SubmissionServer> {
    const { certificate, key } = await makeSelfSigned(
      script.name ?? "mail.example.test",
      Date.now(),
    );
    const context = createSecureContext({ cert: certificate, key });
    const sockets = new Set<Socket>();
    const secured = (socket: Socket): Socket =>
      new TLSSocket(socket, { isServer: true, secureContext: context });
    const listening = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      const wire = script.tls === "implicit" ? secured(socket) : socket;
      new Talk(script, server, secured).begin(wire);
    });
    await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
    const { port } = listening.address() as AddressInfo; // a TCP server's address is one
    const server = new SubmissionServer(port, certificate, async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => listening.close(resolve));
    });
    return server;
  }

  stop(): Promise<void> {
    return this.#close();
  }
}

class Talk {
  readonly #script: Script;
  readonly #server: SubmissionServer;
  readonly #secured: (socket: Socket) => Socket;
  #wire: Socket | undefined;
  #heard = "";
  #commands: string[] = [];
  #isSecure: boolean;
  #inContent = false;
  /** Somebody is to get it. */
  #isTaken = false;

  constructor(script: Script, server: SubmissionServer, secured: (socket: Socket) => Socket) {
    this.#script = script;
    this.#server = server;
    this.#secured = secured;
    this.#isSecure = script.tls === "implicit";
  }

  begin(wire: Socket): void {
    this.#listen(wire);
    this.#say("220 mail.example.test ESMTP");
  }

  #listen(wire: Socket): void {
    this.#wire = wire;
    wire.on("error", () => wire.destroy());
    wire.on("data", (bytes: Buffer) => {
      this.#heard += bytes.toString("latin1");
      this.#go();
    });
  }

  #say(...lines: readonly string[]): void {
    this.#wire?.write(`${lines.join("\r\n")}\r\n`, "latin1");
  }

  #go(): void {
    for (;;) {
      const mark = this.#inContent ? "\r\n.\r\n" : "\r\n";
      const end = this.#heard.indexOf(mark);
      if (end < 0) return;
      const text = this.#heard.slice(0, end);
      this.#heard = this.#heard.slice(end + mark.length);
      if (this.#inContent) this.#content(`${text}\r\n`);
      else this.#command(text);
    }
  }

  #content(text: string): void {
    this.#inContent = this.#isTaken = false;
    const content = text.replaceAll(/^\./gm, "");
    this.#server.submitted.push({ commands: this.#commands, content });
    this.#commands = [];
    this.#say(this.#script.end ?? "250 2.0.0 accepted");
  }

  #command(line: string): void {
    this.#server.said.push(line);
    const verb = line.slice(0, 4).toUpperCase();
    switch (verb) {
      case "EHLO":
        return this.#say("250-mail.example.test", ...this.#offers(), "250 8BITMIME");
      case "STAR":
        this.#say("220 2.0.0 go on");
        this.#wire?.removeAllListeners("data");
        this.#isSecure = true;
        return this.#wire && this.#listen(this.#secured(this.#wire));
      case "AUTH":
        return this.#say(this.#login(line));
      case "DATA":
        if (!this.#isTaken) return this.#say("554 5.5.1 for nobody");
        this.#inContent = true;
        return this.#say("354 go on");
      case "QUIT":
        this.#say("221 2.0.0 bye");
        return void this.#wire?.end();
      default: {
        const reply = this.#replyTo(line);
        this.#commands.push(line);
        if (verb === "RCPT" && reply.startsWith("2")) this.#isTaken = true;
        return this.#say(reply);
      }
    }
  }

  #offers(): readonly string[] {
    if (this.#isSecure) return ["250-AUTH PLAIN", "250-DSN", "250-PIPELINING"];
    return this.#script.tls === "starttls" ? ["250-STARTTLS"] : [];
  }

  #login(line: string): string {
    const { user, password } = LOGIN;
    const right = Buffer.from(`\0${user}\0${password}`).toString("base64");
    if (line !== `AUTH PLAIN ${right}`) return "535 5.7.8 wrong login";
    return this.#script.login ?? "235 2.7.0 welcome";
  }

  #replyTo(line: string): string {
    const [, address = ""] = /^RCPT TO:<([^>]*)>/.exec(line) ?? [];
    return this.#script.recipients?.[address] ?? "250 2.1.0 ok";
  }
}
