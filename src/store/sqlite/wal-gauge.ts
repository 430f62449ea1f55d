/**
 * How long the write-ahead log is. The checkpointer copies it into the database beside the writer, but the log
 * begins anew only when the writer finds all of it copied; under constant load there is always a last bit that is
 * not. So when the log is long, the writer itself copies that bit.
 */
import type { Connection } from "./connection.ts";
import { integer } from "./values.ts";

/** Pages of log from which on the writer closes the gap. */
const LONG_LOG_PAGES = 4096;

/** The most that the writer copies itself, pages; more is left to the checkpointer. */
const GAP_PAGES = 512;

export class WalGauge {
  readonly #state;
  readonly #checkpoint;

  constructor(connection: Connection) {
    this.#state = connection.query("PRAGMA wal_checkpoint(NOOP)");
    this.#checkpoint = connection.query("PRAGMA wal_checkpoint(PASSIVE)");
  }

  /** Pages that no checkpoint has copied yet. Called between transactions. */
  measure(): number {
    const [, log, copied] = this.#state.row() ?? [];
    const pages = integer(log);
    const gap = pages - integer(copied);
    if (pages < LONG_LOG_PAGES || gap === 0 || gap > GAP_PAGES) return gap;
    this.#checkpoint.row();
    return 0;
  }
}
