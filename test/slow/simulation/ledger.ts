/**
 * What was promised and what became of it, for each recipient of each message, as people outside would see it. Each is
 * in exactly one place at the end: in the mailbox, taken by the other server, reported, or in the queue.
 */
import type { MessageId } from "../../../src/mail/index.ts";
import type { QueueRow } from "../../../src/store/index.ts";

export interface Promised {
  readonly message: MessageId;
  readonly forwardPath: string;
  /** 250 was said. Where it was not, the message may be there or not. */
  answered: boolean;
  /** Whether its sender may be told of a failure. */
  readonly isTold: boolean;
  /** How often the other server took it. */
  taken: number;
  /** Reports of failure that name it, in the sender's mailbox. */
  reported: number;
  /** The connection or the server died where nobody could say whether it was taken. */
  doubted: boolean;
  removed: boolean;
}

export class Ledger {
  readonly #open = new Map<string, Promised>();
  readonly #finished = new Set<string>();
  readonly #problems: string[] = [];
  readonly counts = { messages: 0, taken: 0, reported: 0, untold: 0, removed: 0, twice: 0 };

  get problems(): readonly string[] {
    return this.#problems;
  }

  promise(message: MessageId, forwardPath: string, isTold: boolean): Promised {
    const promised: Promised = {
      message,
      forwardPath,
      isTold,
      answered: false,
      taken: 0,
      reported: 0,
      doubted: false,
      removed: false,
    };
    this.#open.set(key(promised), promised);
    return promised;
  }

  /** What is known of it; after its end there is nothing to be known. */
  find(message: string, forwardPath: string): Promised | undefined {
    const name = `${message} ${forwardPath}`;
    if (this.#finished.has(name)) this.complain(`${name}: something came after its end`);
    return this.#open.get(name);
  }

  complain(problem: string): void {
    this.#problems.push(problem);
  }

  /** Holds everything against what is in the queue; `failedUntold` asks the journal for a failure without a report. */
  async check(
    queued: readonly QueueRow[],
    failedUntold: (promised: Promised) => Promise<boolean>,
  ): Promise<void> {
    const rows = new Map(queued.map((row) => [`${row.message} ${row.forwardPath}`, row]));
    for (const name of rows.keys())
      if (!this.#open.has(name)) this.complain(`${name}: in the queue, and nobody sent it`);
    for (const [name, promised] of this.#open) {
      const row = rows.get(name);
      if (row !== undefined) this.#checkQueued(name, promised, row);
      else await this.#checkEnded(name, promised, failedUntold);
    }
  }

  /** While a lease lasts whoever has it may know, and wait for a store that fails; a row whose lease has ended unsettled is in doubt. */
  #checkQueued(name: string, { taken, reported }: Promised, { inDoubt, state }: QueueRow): void {
    if (reported > 0) this.complain(`${name}: reported as failed, and in the queue`);
    if (taken > 0 && !inDoubt && state.kind !== "under way")
      this.complain(`${name}: taken, in the queue, and not in doubt`);
  }

  async #checkEnded(
    name: string,
    promised: Promised,
    failedUntold: (promised: Promised) => Promise<boolean>,
  ): Promise<void> {
    const { answered, taken, reported, doubted, removed } = promised;
    const silent = taken + reported === 0 && !removed && (await failedUntold(promised));
    const ends = [taken > 0, reported > 0, silent, removed].filter(Boolean).length;
    if (ends === 0 && answered) this.complain(`${name}: lost`);
    if (ends > 1 && !doubted && !removed) this.complain(`${name}: has ${ends} ends`);
    if (taken > 1 && !doubted) this.complain(`${name}: taken ${taken} times without doubt`);
    if (reported > 1) this.complain(`${name}: reported ${reported} times`);
    if (reported > 0 && !promised.isTold) this.complain(`${name}: reported, which it may not be`);
    if (silent && promised.isTold) this.complain(`${name}: failed, and its sender was not told`);
    this.#count(promised, silent);
    this.#open.delete(name);
    this.#finished.add(name);
  }

  #count({ taken, reported, removed }: Promised, silent: boolean): void {
    if (taken > 0) this.counts.taken++;
    if (taken > 1) this.counts.twice++;
    if (reported > 0) this.counts.reported++;
    if (silent) this.counts.untold++;
    if (removed) this.counts.removed++;
  }
}

function key({ message, forwardPath }: Promised): string {
  return `${message} ${forwardPath}`;
}
