/** The rows that this server has under a lease, so that their leases can be made longer in time. */
import type { Lease, QueueId, QueueRow } from "../../store/index.ts";

/** How long a lease is. Only an owner that is not heard of any more lets it end. */
export const LEASE_MS = 600_000;
/** What is left of it when it is made longer. */
const RENEWED_AT_MS = LEASE_MS / 2;

interface Held {
  readonly lease: Lease;
  readonly rows: Set<QueueId>;
  until: number;
}

export class Leases {
  readonly #held = new Map<number, Held>();

  /** Of a new lease: all its rows. */
  take(lease: Lease, rows: readonly QueueRow[], until: number): void {
    this.#held.set(lease.fence, { lease, rows: new Set(rows.map(({ id }) => id)), until });
  }

  /** Settled, given back or lost. */
  drop({ fence }: Lease, rows: readonly { readonly id: QueueId }[]): void {
    const held = this.#held.get(fence);
    for (const { id } of rows) held?.rows.delete(id);
    if (held?.rows.size === 0) this.#held.delete(fence);
  }

  /** Makes those that end soon longer, by `extend`. */
  async renew(
    now: number,
    extend: (lease: Lease, rows: readonly QueueId[], until: number) => Promise<void>,
  ): Promise<void> {
    const until = now + LEASE_MS;
    const ending = [...this.#held.values()].filter((held) => held.until - now <= RENEWED_AT_MS);
    const renewed = ending.map(async (held) => {
      await extend(held.lease, [...held.rows], until);
      held.until = until;
    });
    await Promise.all(renewed);
  }
}
