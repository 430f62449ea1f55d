/**
 * One session for each mailbox (RFC 1939 §4), by a lease that lives as long as the session's connection. A client
 * whose connection broke comes back before we know that it broke, and must not be locked out by itself: so a
 * second login asks whether the first session still lives, and takes the mailbox from one that shows no life.
 */
import type { MailboxId } from "../../mail/index.ts";

/** A session that holds, or wants, a mailbox. */
export interface Holder {
  /** Grows with each sign of life of its client. */
  progress(): number;
  /** Its client waits for us: silence is no sign of death then. */
  isServed(): boolean;
  /** The mailbox has just gone to somebody else: the session must end, and delete nothing. */
  expel(): void;
}

export interface Lease {
  /** Frees the mailbox. Harmless when it is called twice, or after the holder was expelled. */
  release(): void;
}

/** Calls `then` once, after so many milliseconds, unless the returned function is called before. */
export interface Timer {
  after(ms: number, then: () => void): () => void;
}

interface Holding {
  readonly holder: Holder;
  waiter: Waiter | undefined;
}

/** The second login; a third is turned away at once. */
interface Waiter {
  readonly holder: Holder;
  readonly reply: (lease: Lease | undefined) => void;
  readonly stopTimer: () => void;
}

export class MaildropLeases {
  readonly #timer: Timer;
  readonly #patienceMs: number;
  readonly #holdings = new Map<MailboxId, Holding>();

  /** `patienceMs`: how long a session may show no life when somebody else wants its mailbox. */
  constructor(timer: Timer, patienceMs: number) {
    this.#timer = timer;
    this.#patienceMs = patienceMs;
  }

  /**
   * Replies, at once or within the patience, with a lease or with undefined: the mailbox is in use. The returned
   * function takes the wish back; then there is no reply.
   */
  acquire(
    mailbox: MailboxId,
    holder: Holder,
    reply: (lease: Lease | undefined) => void,
  ): () => void {
    const holding = this.#holdings.get(mailbox);
    if (holding === undefined || holding.waiter !== undefined) {
      reply(holding === undefined ? this.#grant(mailbox, holder) : undefined);
      return () => {};
    }
    const progress = holding.holder.progress();
    const stopTimer = this.#timer.after(this.#patienceMs, () =>
      this.#decide(mailbox, holding, progress),
    );
    const waiter: Waiter = { holder, reply, stopTimer };
    holding.waiter = waiter;
    return () => {
      if (holding.waiter !== waiter) return;
      stopTimer();
      holding.waiter = undefined;
    };
  }

  #grant(mailbox: MailboxId, holder: Holder): Lease {
    const holding: Holding = { holder, waiter: undefined };
    this.#holdings.set(mailbox, holding);
    return { release: () => this.#release(mailbox, holding) };
  }

  /** Somebody who waits need not wait for the timer. */
  #release(mailbox: MailboxId, holding: Holding): void {
    if (this.#holdings.get(mailbox) !== holding) return;
    this.#holdings.delete(mailbox);
    const { waiter } = holding;
    if (waiter === undefined) return;
    waiter.stopTimer();
    waiter.reply(this.#grant(mailbox, waiter.holder));
  }

  /** The patience is over: has the holder shown life since the second login came? */
  #decide(mailbox: MailboxId, holding: Holding, progressBefore: number): void {
    const { holder, waiter } = holding;
    if (waiter === undefined) return;
    holding.waiter = undefined;
    if (holder.isServed() || holder.progress() !== progressBefore) return waiter.reply(undefined);
    const lease = this.#grant(mailbox, waiter.holder); // from here on the old lease releases nothing
    holder.expel();
    waiter.reply(lease);
  }
}
