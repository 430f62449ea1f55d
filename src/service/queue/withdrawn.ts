/**
 * What an operator held or removed while it waited for its attempt is not attempted: a stolen password's mail is
 * stopped where it stands. What was claimed just now needs no second look.
 */
import type { ClaimedRow, QueueRow } from "../../store/index.ts";
import type { QueueDeps } from "./deps.ts";
import type { Load } from "./loads.ts";

/** Waiting that is worth a look, milliseconds. */
const LONG_MS = 1000;
/** Rows of one message that are looked at. */
const LOOKED_AT = 2000;

export interface Withdrawal {
  /** What is left to be attempted. */
  readonly load?: Load;
  readonly withdrawn: readonly ClaimedRow[];
}

/** Never rejects: a store that cannot be read withdraws nothing. */
export async function withoutWithdrawn(
  load: Load,
  { queue, clock }: Pick<QueueDeps, "queue" | "clock">,
): Promise<Withdrawal> {
  if (clock.elapsed() - load.since < LONG_MS) return { load, withdrawn: [] };
  const withdrawn = await withdrawnOf(load, queue);
  const [first, ...rest] = load.rows.filter(({ id }) => !withdrawn.has(id));
  return {
    ...(first !== undefined && { load: { ...load, rows: [first, ...rest] } }),
    withdrawn: load.rows.filter(({ id }) => withdrawn.has(id)),
  };
}

async function withdrawnOf(
  { destination, rows: [{ message }] }: Load,
  queue: QueueDeps["queue"],
): Promise<ReadonlySet<number>> {
  try {
    const { rows } = await queue.list({ message, destination }, { limit: LOOKED_AT });
    return new Set(rows.filter(isWithdrawn).map(({ id }) => id));
  } catch {
    return new Set(); // it is attempted: that was wished when it was claimed
  }
}

function isWithdrawn({ state }: QueueRow): boolean {
  return state.kind === "under way" && state.wish !== "send";
}
