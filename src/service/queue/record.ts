/** What an attempt did, as the journal keeps it: found by the message's session, by each address, and by the server's IP. */
import {
  messageSession,
  storedPathKey,
  type AttemptEnd,
  type AttemptFacts,
  type Carrier,
  type MessageId,
} from "../../mail/index.ts";
import type { QueueId, SessionRecord, SettledRow } from "../../store/index.ts";
import type { Decision } from "./reports.ts";
import type { Attempted } from "./settle.ts";

export interface AttemptRecord {
  readonly destination: string;
  readonly began: number;
  readonly ended: number;
  readonly carried?: Carrier;
  readonly passedOver?: readonly string[];
  /** Of one message. */
  readonly attempted: readonly [Attempted, ...Attempted[]];
  readonly rows: readonly SettledRow[];
  readonly decisions: ReadonlyMap<QueueId, Pick<Decision, "due" | "reason">>;
  readonly report?: MessageId;
}

export function attemptRecord(attempt: AttemptRecord): SessionRecord {
  const { destination, began, ended, carried, passedOver, attempted, report } = attempt;
  const { message, reversePath, evidence } = attempted[0].row;
  const session = messageSession(message);
  const sender = storedPathKey(reversePath);
  const origin = evidence && storedPathKey(evidence.sender);
  const reportTo = report === undefined || origin === sender ? undefined : origin;
  const recipients = attempted.map(({ row, outcome }, i) => {
    const decision = attempt.decisions.get(row.id);
    return {
      address: storedPathKey(row.forwardPath),
      outcome,
      end: endOf(attempt.rows[i]),
      ...(decision !== undefined && { report: { due: decision.due, reason: decision.reason } }),
    };
  });
  const facts: AttemptFacts = {
    v: 1,
    protocol: "delivery",
    message,
    at: began,
    endedAt: ended,
    sender,
    destination,
    ...(carried !== undefined && { carried: plain(carried) }),
    ...(passedOver !== undefined && { passedOver }),
    recipients,
    ...(report !== undefined && { report }),
    ...(reportTo !== undefined && { reportTo }),
  };
  const addresses = new Set([sender, reportTo ?? "", ...recipients.map(({ address }) => address)]);
  addresses.delete("");
  return {
    session,
    at: began,
    ip: carried?.ip ?? "",
    addresses: [...addresses],
    json: JSON.stringify(facts),
  };
}

function endOf(row: SettledRow | undefined): AttemptEnd {
  if (row === undefined) throw new RangeError("a recipient without an end");
  switch (row.kind) {
    case "done":
      return { kind: "delivered" };
    case "failed":
      return { kind: "failed" };
    case "due again":
      return { kind: "due again", dueAt: row.dueAt };
  }
}

/** Only what the journal speaks of, whatever else came with it. */
function plain({ host, ip, tls, certificate, security }: Carrier): Carrier {
  return {
    host,
    ...(ip !== undefined && { ip }),
    ...(tls !== undefined && { tls: { version: tls.version, cipher: tls.cipher } }),
    ...(certificate !== undefined && { certificate }),
    ...(security !== undefined && { security }),
  };
}
