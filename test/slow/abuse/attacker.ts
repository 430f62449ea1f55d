/** A client from an address of its own, with SMTP's and POP3's turns: says a line, waits for the whole reply. */
import { once } from "node:events";
import { connect, type Socket, type TcpNetConnectOpts } from "node:net";
import { Client } from "../../net/echo.ts";

/** A complete reply at the beginning: SMTP's lines up to the one without a hyphen, or a line of POP3's. */
const REPLY = /^(?:[0-9]{3}-.*\r\n)*(?:[0-9]{3}(?: .*)?|[+-].*)\r\n/;

export class Attacker extends Client {
  readonly #raw: Socket;
  #read = 0;

  constructor(socket: Socket) {
    super(socket);
    this.#raw = socket;
  }

  /** Resolves when it is connected. */
  static async at(
    port: number,
    from: string,
    options: Partial<TcpNetConnectOpts> = {},
  ): Promise<Attacker> {
    const socket = connect({ host: "127.0.0.1", port, localAddress: from, ...options });
    const attacker = new Attacker(socket);
    await once(socket, "connect");
    return attacker;
  }

  /** Connects, is greeted, and says these lines; each must be answered with a yes. */
  static async upTo(
    port: number,
    from: string,
    lines: readonly string[],
    options: Partial<TcpNetConnectOpts> = {},
  ): Promise<Attacker> {
    const attacker = await Attacker.at(port, from, options);
    for (const line of [undefined, ...lines]) {
      if (line !== undefined) attacker.send(`${line}\r\n`);
      const reply = await attacker.reply();
      if (!/^[23+]/.test(reply)) throw new Error(`${line ?? "greeting"}: ${reply}`);
    }
    return attacker;
  }

  ask(line: string): Promise<string> {
    return this.send(`${line}\r\n`).reply();
  }

  /** The next reply. Rejects when the connection ends before. */
  async reply(): Promise<string> {
    const rest = (said: string): string => said.slice(this.#read);
    const said = await this.hearsEnough((all) => REPLY.test(rest(all)));
    const [reply] = REPLY.exec(rest(said)) ?? [""];
    this.#read += reply.length;
    return reply;
  }

  /** Breaks the connection off with a RST, whatever it carries. */
  reset(): void {
    this.#raw.resetAndDestroy();
  }

  /** Closes its own side; it still listens. */
  closeSide(): void {
    this.#raw.end();
  }
}

/** A mail transaction up to its content. */
export function transaction(recipient: string): string[] {
  return ["EHLO client.example", "MAIL FROM:<sender@remote.example>", `RCPT TO:<${recipient}>`];
}
