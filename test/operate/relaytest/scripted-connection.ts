/** A server that says what a test tells it to: for each write the next answer, whatever was written. */
import type { Arrival, Connection } from "../../../src/operate/relaytest/index.ts";

const CLOSED: Arrival = { kind: "closed" };
const SILENCE: Arrival = { kind: "silence" };

export class ScriptedConnection implements Connection {
  readonly #answers: readonly string[];
  readonly written: string[] = [];
  #arrived: string;
  closed = false;

  /** The greeting, then the answer to each write; "closed" ends the connection, "" is no answer. */
  constructor(greeting: string, ...answers: readonly string[]) {
    this.#arrived = greeting;
    this.#answers = answers;
  }

  write(octets: string): void {
    this.#arrived += this.#answers[this.written.length] ?? "";
    this.written.push(octets);
  }

  read(): Promise<Arrival> {
    const octets = this.#arrived;
    if (octets === "closed") return Promise.resolve(CLOSED);
    this.#arrived = octets.endsWith("closed") ? "closed" : "";
    const text = octets.endsWith("closed") ? octets.slice(0, -"closed".length) : octets;
    return Promise.resolve(text === "" ? SILENCE : { kind: "octets", octets: text });
  }

  startTls(): Promise<boolean> {
    return Promise.resolve(false);
  }

  close(): void {
    this.closed = true;
  }
}
