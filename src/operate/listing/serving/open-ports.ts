/** The ports of a thread: what is wanted is opened, what is not wanted any more is closed, what stays is not touched. */
import type { PortSharing, WantedPort } from "../../../net/index.ts";
import type { Opened } from "./messages.ts";

export interface OpenPort {
  readonly port: number;
  readonly sharing: PortSharing;
  close(): Promise<void>;
}

export class OpenPorts {
  readonly #open: (wanted: WantedPort) => Promise<OpenPort>;
  #ports = new Map<string, OpenPort>();

  constructor(open: (wanted: WantedPort) => Promise<OpenPort>) {
    this.#open = open;
  }

  /** All of it or nothing: rejects with a ListenError, and what was open stays so. */
  async change(wanted: readonly WantedPort[]): Promise<Opened> {
    const next = new Map<string, OpenPort>();
    try {
      for (const one of wanted) {
        const key = `${one.address} ${one.port}`;
        next.set(key, this.#ports.get(key) ?? (await this.#open(one)));
      }
    } catch (error) {
      await closeAll([...next].filter(([key]) => !this.#ports.has(key)));
      throw error;
    }
    const before = this.#ports;
    this.#ports = next;
    await closeAll([...before].filter(([key]) => !next.has(key)));
    const opened = [...next.values()];
    return {
      ports: opened.map(({ port }) => port),
      sharing: opened.every((one) => one.sharing === "shared") ? "shared" : "alone",
    };
  }

  async close(): Promise<void> {
    await closeAll([...this.#ports]);
    this.#ports.clear();
  }
}

async function closeAll(ports: readonly (readonly [string, OpenPort])[]): Promise<void> {
  await Promise.all(ports.map(([, port]) => port.close()));
}
