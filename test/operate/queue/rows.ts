/** Rows of a queue as a store gives them, made by hand. */
import {
  messageId,
  parseSessionId,
  type MessageId,
  type StoredGrant,
} from "../../../src/mail/index.ts";
import type { LeavingRow, QueueId } from "../../../src/store/index.ts";
import { domainOf } from "../../support/memory-directory.ts";

/** When the tests look. */
export const NOW = Date.UTC(2026, 0, 31, 12);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** From ann@example.org to bob@example.net, accepted three hours ago and due in twelve minutes. */
export function queueRow(parts: Partial<LeavingRow> = {}): LeavingRow {
  const grant: StoredGrant = {
    basis: "login",
    holder: "ann@example.org",
    domain: domainOf("example.net"),
  };
  return {
    id: idOf(1042),
    message: message(1),
    octets: 4096,
    reversePath: "ann@example.org",
    forwardPath: "bob@example.net",
    grant,
    destination: "example.net",
    login: "ann@example.org",
    tell: "own user",
    parameters: { smtputf8: false },
    acceptedAt: NOW - 3 * HOUR,
    attempts: 0,
    delayReported: false,
    inDoubt: false,
    state: { kind: "waiting", dueAt: NOW + 12 * MINUTE },
    ...parts,
  };
}

export function idOf(number: number): QueueId {
  return number as QueueId; // the tests' own table
}

export function message(ordinal: number): MessageId {
  const session = parseSessionId("uv04j8ros3m6");
  if (session === undefined) throw new Error("no session");
  return messageId(session, ordinal);
}
