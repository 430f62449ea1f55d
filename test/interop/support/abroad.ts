/** Everything abroad: one server that takes whatever leaves us, by a route for all domains. */
import assert from "node:assert/strict";
import { ScriptedServer, type Script } from "../../support/scripted-server.ts";
import { assertSame } from "./arrival.ts";
import { eventually } from "./waiting.ts";

export const ABROAD = "bob@foreign.example";

const OFFERS = ["PIPELINING", "8BITMIME", "SMTPUTF8", "DSN"];

export class Abroad {
  readonly #server: ScriptedServer;
  readonly #close: () => void;
  #taken = 0;

  private constructor(server: ScriptedServer, close: () => void) {
    this.#server = server;
    this.#close = close;
  }

  static async start(script: Script = {}): Promise<Abroad> {
    let close = (): void => {};
    const owner = { after: (closing: () => void) => (close = closing) };
    const server = await ScriptedServer.open(owner, { offers: OFFERS, ...script });
    return new Abroad(server, close);
  }

  /** Of a site whose mail for all other domains comes here. */
  get settings(): readonly string[] {
    return [`routes={ "*" = "smtp://127.0.0.1:${this.#server.port}" }`];
  }

  /** All that was said to it. */
  get commands(): readonly string[] {
    return this.#server.commands.map((line) => Buffer.from(line, "latin1").toString());
  }

  /** The next message that comes. */
  async arrival(): Promise<Buffer> {
    const { messages } = this.#server;
    const text = await eventually(
      () => messages[this.#taken],
      () => `nothing came abroad: ${this.commands.join("\n")}`,
    );
    this.#taken++;
    return Buffer.from(`${text}\r\n`.replaceAll(/^\./gm, ""), "latin1");
  }

  /** The next message is the one that was handed in with a login, byte for byte; returns our trace. */
  async gets(sent: Buffer): Promise<string> {
    const arrived = await this.arrival();
    const start = arrived.length - sent.length;
    assertSame(arrived.subarray(start), sent);
    const trace = arrived.subarray(0, start).toString();
    assert.match(trace, /^Received: from [^]*\bwith (?:UTF8SMTPSA|ESMTPSA)\b[^]*\r\n$/);
    assert.doesNotMatch(trace, /^Return-Path:/im);
    return trace;
  }

  stop(): void {
    this.#close();
  }
}
