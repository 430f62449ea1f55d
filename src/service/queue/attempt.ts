/**
 * One load is attempted: each recipient's right to leave is earned anew, unless it has failed already; those that have it go out as one parcel, and
 * each gets an outcome, whatever happens. An exception is an attempt whose end nobody saw.
 */
import { isPositive, status, type Outcome, type RelayGrant } from "../../mail/index.ts";
import { errorText } from "../../runtime/index.ts";
import type { QueueRow } from "../../store/index.ts";
import type { Attempt, ParcelRecipient } from "../delivery/index.ts";
import type { QueueDeps } from "./deps.ts";
import type { Load } from "./loads.ts";
import type { Attempted } from "./settle.ts";

export type AttemptDeps = Pick<QueueDeps, "queue" | "delivery" | "policy" | "log">;

export interface AttemptedLoad {
  readonly attempted: readonly Attempted[];
  /** What delivery said; absent where it was not asked. */
  readonly attempt?: Attempt;
}

/** Never rejects. */
export async function attemptLoad(load: Load, deps: AttemptDeps): Promise<AttemptedLoad> {
  const judged = load.rows.map((row) => ({ row, right: rightOf(row, deps) }));
  const leaving = judged.flatMap(({ row, right }) => ("grant" in right ? [{ row, ...right }] : []));
  const refused = judged.flatMap(({ row, right }) =>
    "outcome" in right ? [{ row, outcome: right.outcome }] : [],
  );
  if (leaving.length === 0) return { attempted: refused };
  const attempt = await deliver(load, leaving, deps);
  const tried = leaving.map(({ row }, i) => ({ row, outcome: attempt.outcomes[i] ?? UNSEEN }));
  return { attempted: [...tried, ...refused], attempt };
}

type Right = { readonly grant: RelayGrant } | { readonly outcome: Outcome };

/** A policy that cannot say it now is asked again. */
function rightOf(row: QueueRow, { policy, log }: AttemptDeps): Right {
  if (row.grant === undefined) return { outcome: { status: row.settled } };
  try {
    const right = policy.renewGrant(row);
    if ("basis" in right) return { grant: right };
    if (isPositive(right)) throw new Error("policy refused a recipient with a positive status");
    return { outcome: { status: right } };
  } catch (error) {
    const problem = errorText(error);
    log.error("undecided", { message: row.message, problem });
    return { outcome: { status: { ...UNDECIDED, reason: problem } } };
  }
}

interface Leaving {
  readonly row: QueueRow;
  readonly grant: RelayGrant;
}

async function deliver(
  { destination, rows: [first] }: Load,
  leaving: readonly Leaving[],
  { queue, delivery, log }: AttemptDeps,
): Promise<Attempt> {
  const { message, reversePath, octets, parameters } = first;
  try {
    const attempt = await delivery.attempt({
      message,
      destination,
      reversePath,
      octets,
      parameters,
      recipients: leaving.map(recipient),
      read: (offset, limit) => queue.read(first.id, offset, limit),
    });
    if (attempt.outcomes.length !== leaving.length)
      throw new Error(`${attempt.outcomes.length} outcomes for ${leaving.length} recipients`);
    return { ...attempt, outcomes: attempt.outcomes.map(bounded) };
  } catch (error) {
    log.error("delivery attempt failed", {
      message,
      destination,
      problem: errorText(error),
      todo: "this is a fault of the server; report it with this line",
    });
    return { outcomes: leaving.map(() => UNSEEN), unreachable: false };
  }
}

function recipient({ row: { forwardPath, parameters }, grant }: Leaving): ParcelRecipient {
  const { notify, orcpt } = parameters;
  return {
    forwardPath,
    grant,
    ...(notify !== undefined && { notify }),
    ...(orcpt !== undefined && { orcpt }),
  };
}

/** Characters of a reply that are kept, in the row, the journal and the report alike. */
export const REPLY_LIMIT = 2000;

/** What a stranger said at length is cut, and says so. */
function bounded(outcome: Outcome): Outcome {
  const { reply } = outcome;
  if (reply === undefined) return outcome;
  const lines: string[] = [];
  let left = REPLY_LIMIT;
  for (const line of reply.lines) {
    if (line.length > left) {
      lines.push(`${line.slice(0, left)} [cut]`);
      return { ...outcome, reply: { ...reply, lines } };
    }
    left -= line.length;
    lines.push(line);
  }
  return outcome;
}

const UNDECIDED = status(451, "4.3.0", "whether this may leave could not be decided", "queue");

const UNSEEN: Outcome = {
  status: status(451, "4.3.0", "the attempt ended by a fault of this server", "queue"),
  inDoubt: true,
};
