/** Short words for what the queue's cases do. */
import assert from "node:assert/strict";
import { status, type Outcome, type RelayGrant } from "../../src/mail/index.ts";
import type {
  Claim,
  Claimed,
  ClaimedRow,
  Departure,
  DepartingRecipient,
  Lease,
  LeavingRecipient,
  QueueRow,
  SettledRow,
  SettleResult,
  Store,
} from "../../src/store/index.ts";
import { deposit, domainOf, record } from "./site.ts";

export const DEFERRED: Outcome = {
  status: status(451, "4.3.0", "later", "remote"),
  reply: { host: "mx.example.net", lines: ["451-4.3.0 not now,", "451 4.3.0 later"] },
};

/** When the cases' mail is accepted, and due; they count on from here. */
export const T = 1_000_000;

/** Only policy can make a grant; the store has to be tested with one all the same. */
export function grantFor(domain: string): RelayGrant {
  return { basis: "login", holder: "ann@example.org", domain: domainOf(domain) } as RelayGrant;
}

/** bob@example.net, sent there. */
export function recipient(
  address: string,
  parts: Partial<LeavingRecipient> = {},
): LeavingRecipient {
  const domain = address.slice(address.lastIndexOf("@") + 1);
  return { forwardPath: address, grant: grantFor(domain), destination: domain, dueAt: T, ...parts };
}

export function departure(
  recipients: readonly (string | DepartingRecipient)[],
  parts: Partial<Departure> = {},
): Departure {
  return {
    reversePath: "ann@example.org",
    login: "ann@example.org",
    tell: "own user",
    acceptedAt: T,
    keptOctets: 0,
    smtputf8: false,
    recipients: recipients.map((one) => (typeof one === "string" ? recipient(one) : one)),
    ...parts,
  };
}

/** Stores a message that leaves for these recipients. */
export async function send(
  store: Store,
  recipients: readonly (string | DepartingRecipient)[],
  parts: Partial<Departure> = {},
): Promise<void> {
  const result = await deposit(store, [], "content", { departure: departure(recipients, parts) });
  assert.deepEqual(result, { kind: "committed" });
}

export function claimOf(store: Store, parts: Partial<Claim> = {}): Promise<Claimed | undefined> {
  const at = parts.at ?? T;
  const rest = { owner: "one", until: at + 1000, destinations: 10, perDestination: 10 };
  return store.queue.claim({ at, ...rest, ...parts });
}

/** A claim that finds something: its lease and its rows. */
export async function mustClaim(
  store: Store,
  parts: Partial<Claim> = {},
): Promise<{ readonly lease: Lease; readonly rows: readonly ClaimedRow[] }> {
  const found = await claimOf(store, parts);
  assert.ok(found !== undefined, "nothing was due");
  return { lease: found.lease, rows: found.destinations.flatMap(({ rows }) => rows) };
}

/** The addresses that a claim finds. */
export async function claimed(
  store: Store,
  parts: Partial<Claim> = {},
): Promise<readonly string[]> {
  const found = (await claimOf(store, parts))?.destinations ?? [];
  return found.flatMap(({ rows }) => rows.map(({ forwardPath }) => forwardPath));
}

export function again({ id }: QueueRow, dueAt: number): SettledRow {
  const said = { outcome: DEFERRED, delayReported: true, inDoubt: false };
  return { id, kind: "due again", dueAt, ...said };
}

export function done({ id }: QueueRow): SettledRow {
  return { id, kind: "done" };
}

export function settle(
  store: Store,
  lease: Lease,
  rows: readonly SettledRow[],
  at = T,
): Promise<SettleResult> {
  return store.queue.settle({ lease, at, rows, record: record() });
}

export async function listed(store: Store): Promise<readonly QueueRow[]> {
  return (await store.queue.list({}, { limit: 100 })).rows;
}

export async function addresses(store: Store): Promise<readonly string[]> {
  return (await listed(store)).map(({ forwardPath }) => forwardPath);
}

/** What is sent of a row, pulled in steps of at most `limit`. */
export async function pullRow(store: Store, { id }: QueueRow, limit: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for (let offset = 0; ;) {
    const piece = await store.queue.read(id, offset, limit);
    assert.ok(piece !== undefined, "the row is gone");
    if (piece.length === 0) return Buffer.concat(pieces);
    pieces.push(piece);
    offset += piece.length;
  }
}
