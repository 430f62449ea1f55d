/** MTA-STS policies in the file: read by the calling thread, written by the writer's. */
import type { Domain } from "../../mail/index.ts";
import type { StoredStsPolicy, StsPolicies } from "../index.ts";
import type { Connection } from "./connection.ts";
import type { StsPolicyOperation } from "./operations.ts";
import { exactCopy } from "./piece.ts";
import { integer, octets, text } from "./values.ts";
import type { WriterThread } from "./writer-thread.ts";

export class SqliteStsPolicies implements StsPolicies {
  readonly #writer: WriterThread;
  readonly #find;

  constructor(connection: Connection, writer: WriterThread) {
    this.#writer = writer;
    this.#find = connection.query(
      "SELECT id, policy, fetched_at, until FROM sts_policy WHERE domain = ?",
    );
  }

  find(domain: Domain): StoredStsPolicy | undefined {
    const row = this.#find.row(domain);
    if (row === undefined) return undefined;
    const [id, policy, fetchedAt, until] = row;
    return {
      id: text(id),
      policy: octets(policy),
      fetchedAt: integer(fetchedAt),
      until: integer(until),
    };
  }

  async keep(domain: Domain, { policy, ...rest }: StoredStsPolicy): Promise<void> {
    await this.#writer.submit({ kind: "keep sts policy", domain, ...rest }, [exactCopy(policy)]);
  }
}

/** In the transaction of the writer's batch. */
export class StsPolicyWrites {
  readonly #forget;
  readonly #keep;

  constructor(connection: Connection) {
    this.#forget = connection.query("DELETE FROM sts_policy WHERE until <= ?");
    this.#keep = connection.query("INSERT OR REPLACE INTO sts_policy VALUES (?, ?, ?, ?, ?)");
  }

  keep({ domain, id, fetchedAt, until }: StsPolicyOperation, policy: Uint8Array): void {
    this.#forget.run(fetchedAt);
    this.#keep.run(domain, id, policy, fetchedAt, until);
  }
}
