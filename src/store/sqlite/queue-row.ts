/** A row of the queue as the contract speaks of it, and the columns that it is made of. */
import type {
  DsnRecipientParameters,
  MessageId,
  Outcome,
  SenderEvidence,
  Status,
  StoredGrant,
} from "../../mail/index.ts";
import type {
  DepartureParameters,
  QueueId,
  QueueRow,
  QueueState,
  QueueWish,
  WhomToTell,
} from "../index.ts";
import { integer, optionalInteger, optionalText, text, type Row } from "./values.ts";

/** In the order in which `queueRow` reads them. */
export const QUEUE_COLUMNS =
  "id, name, octets, reverse_path, forward_path, grant_basis, grant_holder, domain, destination, login, tell, " +
  "parameters, accepted_at, attempts, last_at, last_outcome, delay_reported, in_doubt, wish, due_at, lease_owner, settled, evidence";

/** Each brand was there when the row was written, and the table's checks hold the words. */
export function queueRow(row: Row): QueueRow {
  const login = optionalText(row[9] ?? null);
  const settled = optionalText(row[21] ?? null);
  const evidence = optionalText(row[22] ?? null);
  const lastAt = optionalInteger(row[14] ?? null);
  return {
    id: queueId(row[0]),
    message: text(row[1]) as MessageId,
    octets: integer(row[2]),
    reversePath: text(row[3]),
    forwardPath: text(row[4]),
    ...(settled === undefined
      ? { grant: grant(row[5], row[6], row[7]) }
      : { settled: JSON.parse(settled) as Status }),
    destination: text(row[8]),
    ...(login !== undefined && { login }),
    tell: text(row[10]) as WhomToTell,
    ...(evidence !== undefined && { evidence: JSON.parse(evidence) as SenderEvidence }),
    parameters: JSON.parse(text(row[11])) as DepartureParameters & DsnRecipientParameters,
    acceptedAt: integer(row[12]),
    attempts: integer(row[13]),
    ...(lastAt !== undefined && {
      last: { at: lastAt, outcome: JSON.parse(text(row[15])) as Outcome },
    }),
    delayReported: integer(row[16]) === 1,
    inDoubt: integer(row[17]) === 1,
    state: state(text(row[18]) as QueueWish, optionalInteger(row[19] ?? null), row[20]),
  };
}

export function queueId(value: Row[number] | undefined): QueueId {
  return integer(value) as QueueId; // the table's key
}

function grant(basis: Row[number] | undefined, holder: typeof basis, domain: typeof basis) {
  return { basis: text(basis), holder: text(holder), domain: text(domain) } as StoredGrant; // as it was stored
}

function state(
  wish: QueueWish,
  dueAt: number | undefined,
  owner: Row[number] | undefined,
): QueueState {
  if (dueAt === undefined) return { kind: "held" };
  if (owner === null) return { kind: "waiting", dueAt };
  return { kind: "under way", owner: text(owner), until: dueAt, wish };
}
