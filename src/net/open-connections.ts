/** The connections of a server or a dialler that are open, and how they come to their end. */
import type { Connection } from "./connection.ts";

export class OpenConnections implements Iterable<Connection> {
  readonly #open = new Set<Connection>();
  #onEmpty: (() => void) | undefined;

  get size(): number {
    return this.#open.size;
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.#open.values();
  }

  add(connection: Connection): void {
    this.#open.add(connection);
  }

  /** It is gone. */
  delete(connection: Connection): void {
    this.#open.delete(connection);
    if (this.#open.size === 0) this.#onEmpty?.();
  }

  /** Lets dialogues end properly, and after `graceMs` drops the rest. */
  async end(graceMs: number): Promise<void> {
    for (const connection of this.#open) connection.shutdown();
    if (this.#open.size > 0) await this.#emptied(graceMs);
  }

  #emptied(graceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        for (const connection of this.#open) connection.destroy();
      }, graceMs);
      this.#onEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
