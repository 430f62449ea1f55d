/**
 * How many connections may be open, and which of them lie idle. Promises: never more than the limit; an idle connection
 * is used again for its own next hop only; when all are taken, an idle one makes room, and those who wait are served in
 * their order.
 */
import type { Clock } from "../../runtime/index.ts";
import type { Remote } from "./remote.ts";

export interface BerthLimits {
  readonly connections: number;
  readonly waiting: number;
  readonly idleMs: number;
  /** Since it was opened. */
  readonly keptMs: number;
  readonly messages: number;
}

/** The right to open one connection; `free` is harmless when called twice. */
export interface Berth {
  free(): void;
}

export type Room =
  | { readonly kind: "remote"; readonly remote: Remote }
  | { readonly kind: "berth"; readonly berth: Berth }
  | { readonly kind: "too many wait" }
  | { readonly kind: "closed" };

interface Waiting {
  readonly key: string;
  /** It would take an idle connection too. */
  readonly mayReuse: boolean;
  readonly resolve: (room: Room) => void;
}

export class Berths {
  readonly #limits: BerthLimits;
  readonly #clock: Clock;
  #taken = 0;
  /** Those idle for longest first. */
  readonly #idle = new Map<Remote, NodeJS.Timeout>();
  readonly #byKey = new Map<string, Set<Remote>>();
  readonly #waiting = new Set<Waiting>();
  #closed = false;

  constructor(limits: BerthLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** An idle connection to the next hop, or the right to open one; now, or when there is. */
  room(key: string, mayReuse: boolean): Promise<Room> {
    const now = this.#now(key, mayReuse);
    if (now !== undefined) return Promise.resolve(now);
    return new Promise((resolve) => this.#waiting.add({ key, mayReuse, resolve }));
  }

  /** A connection has nothing to do. */
  idle(remote: Remote): void {
    if (this.#closed || !this.#isFresh(remote)) return remote.quit();
    for (const waiting of this.#waiting) {
      if (waiting.key !== remote.facts.key || !waiting.mayReuse) continue;
      this.#waiting.delete(waiting);
      return waiting.resolve({ kind: "remote", remote });
    }
    if (this.#waiting.size > 0) return remote.quit(); // its berth goes to the first of them
    this.#idle.set(
      remote,
      setTimeout(() => this.#dismiss(remote), this.#limits.idleMs),
    );
    const alike = this.#byKey.get(remote.facts.key) ?? new Set();
    this.#byKey.set(remote.facts.key, alike.add(remote));
  }

  /** A connection has ended; its berth may still be taken for a moment. */
  ended(remote: Remote): void {
    this.#take(remote);
  }

  /** Idle connections end, and whoever waits is told. */
  close(): void {
    this.#closed = true;
    for (const remote of this.#idle.keys()) this.#dismiss(remote);
    for (const { resolve } of this.#waiting) resolve({ kind: "closed" });
    this.#waiting.clear();
  }

  #now(key: string, mayReuse: boolean): Room | undefined {
    if (this.#closed) return { kind: "closed" };
    const kept = mayReuse ? this.#kept(key) : undefined;
    if (kept !== undefined) return { kind: "remote", remote: kept };
    if (this.#taken < this.#limits.connections) return { kind: "berth", berth: this.#berth() };
    if (this.#waiting.size >= this.#limits.waiting) return { kind: "too many wait" };
    const [longest] = this.#idle.keys();
    if (longest !== undefined) this.#dismiss(longest);
    return undefined;
  }

  #kept(key: string): Remote | undefined {
    for (const remote of this.#byKey.get(key) ?? []) {
      this.#take(remote);
      if (this.#isFresh(remote)) return remote;
      remote.quit();
    }
    return undefined;
  }

  #isFresh({ facts, messages }: Remote): boolean {
    const age = this.#clock.elapsed() - facts.openedAt;
    return age < this.#limits.keptMs && messages < this.#limits.messages;
  }

  #berth(): Berth {
    this.#taken++;
    let held = true;
    return {
      free: () => {
        if (!held) return;
        held = false;
        this.#taken--;
        this.#serve();
      },
    };
  }

  #serve(): void {
    const [first] = this.#waiting;
    if (first === undefined) return;
    this.#waiting.delete(first);
    first.resolve({ kind: "berth", berth: this.#berth() });
  }

  #dismiss(remote: Remote): void {
    this.#take(remote);
    remote.quit();
  }

  /** It is idle no longer. */
  #take(remote: Remote): void {
    clearTimeout(this.#idle.get(remote));
    this.#idle.delete(remote);
    const { key } = remote.facts;
    const alike = this.#byKey.get(key);
    alike?.delete(remote);
    if (alike?.size === 0) this.#byKey.delete(key);
  }
}
