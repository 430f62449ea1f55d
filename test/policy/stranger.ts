/** What the checks of strangers are asked about: one of them, and a recipient here. */
import assert from "node:assert/strict";
import { formatStatus, parseAddress, parseIp, type MailboxId } from "../../src/mail/index.ts";
import type { Client, RecipientSubject, Verdict } from "../../src/policy/checks/index.ts";
import type { RecipientClass } from "../../src/policy/routing/index.ts";
import { domainOf } from "../support/memory-directory.ts";

export interface Asked extends Partial<Omit<RecipientSubject, "client">> {
  readonly client?: Partial<Client>;
  readonly ip?: string;
  /** "" is the null path. */
  readonly from?: string;
  readonly to?: string;
  readonly recipient?: RecipientClass;
}

export function subjectOf({
  ip = "9.8.7.6",
  from = "sam@foreign.example",
  to = "ann@local.example",
  recipient = "mailbox",
  client = {},
  ...parts
}: Asked = {}): RecipientSubject {
  return {
    client: { ip: parseIp(ip) ?? assert.fail(ip), ...client },
    reversePath: from === "" ? null : addressOf(from),
    forwardPath: to === "postmaster" ? to : addressOf(to),
    route: { recipient, mailboxes: [MAILBOX], abroad: [] },
    declaredOctets: 0,
    recipientsBefore: 0,
    returnBefore: false,
    ...parts,
  };
}

const MAILBOX = {
  id: 1 as MailboxId, // no store is asked
  local: "ann",
  domain: domainOf("local.example"),
  disabled: false,
  usedOctets: 0,
};

function addressOf(text: string) {
  const address = parseAddress(text);
  assert.ok(typeof address !== "string", text);
  return address;
}

/** "continue", or the check that decided and its words. */
export function told(verdict: Verdict): string {
  return "status" in verdict ? `${verdict.check}: ${formatStatus(verdict.status)}` : verdict.action;
}
