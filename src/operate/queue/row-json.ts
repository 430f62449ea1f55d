/** A row as scripts read it: one object, moments in UTC, what is not there as null. */
import type { QueueRow, QueueState } from "../../store/index.ts";

export function rowJson(row: QueueRow): object {
  const { grant, settled, evidence, last } = row;
  return {
    id: row.id,
    message: row.message,
    octets: row.octets,
    sender: row.reversePath,
    login: row.login ?? null,
    recipient: row.forwardPath,
    destination: row.destination,
    grant:
      grant === undefined
        ? null
        : { basis: grant.basis, holder: grant.holder, domain: grant.domain },
    settled: settled ?? null,
    tell: row.tell,
    evidence: evidence ?? null,
    parameters: row.parameters,
    acceptedAt: timeJson(row.acceptedAt),
    ...stateJson(row.state),
    attempts: row.attempts,
    last: last === undefined ? null : { at: timeJson(last.at), ...last.outcome },
    delayReported: row.delayReported,
    inDoubt: row.inDoubt,
  };
}

/** Always the same names: `wish` is what becomes of a row that is under way when its attempt has ended. */
function stateJson(state: QueueState): object {
  switch (state.kind) {
    case "waiting":
      return { state: state.kind, nextAttemptAt: timeJson(state.dueAt), wish: "send" };
    case "held":
      return { state: state.kind, nextAttemptAt: null, wish: "hold" };
    case "under way":
      return { state: state.kind, nextAttemptAt: null, wish: state.wish };
  }
}

function timeJson(at: number): string {
  return new Date(at).toISOString();
}
