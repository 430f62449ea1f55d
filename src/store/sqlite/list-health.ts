/** How well lists are, in the file: read by the calling thread, written by the writer's. */
import type { ListHealths, StoredListHealth } from "../index.ts";
import type { Connection } from "./connection.ts";
import type { ListHealthOperation } from "./operations.ts";
import { integer, text } from "./values.ts";
import type { WriterThread } from "./writer-thread.ts";

export class SqliteListHealths implements ListHealths {
  readonly #writer: WriterThread;
  readonly #all;

  constructor(connection: Connection, writer: WriterThread) {
    this.#writer = writer;
    this.#all = connection.query("SELECT list, at, json FROM list_health ORDER BY list");
  }

  all(): readonly StoredListHealth[] {
    return this.#all
      .rows()
      .map(([list, at, json]) => ({ list: text(list), at: integer(at), json: text(json) }));
  }

  async keep(health: readonly StoredListHealth[]): Promise<void> {
    await this.#writer.submit({ kind: "keep list health", health });
  }

  async retain(lists: readonly string[]): Promise<void> {
    await this.#writer.submit({ kind: "retain list health", lists });
  }
}

/** In the transaction of the writer's batch. */
export class ListHealthWrites {
  readonly #keep;
  readonly #retain;

  constructor(connection: Connection) {
    this.#keep = connection.query("INSERT OR REPLACE INTO list_health VALUES (?, ?, ?)");
    this.#retain = connection.query(
      "DELETE FROM list_health WHERE list NOT IN (SELECT value FROM json_each(?))",
    );
  }

  perform(operation: ListHealthOperation): void {
    if (operation.kind === "retain list health") this.#retain.run(JSON.stringify(operation.lists));
    else for (const { list, at, json } of operation.health) this.#keep.run(list, at, json);
  }
}
