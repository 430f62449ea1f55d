/**
 * Is there room? Asked at RCPT, so that the sender's own server hears it for each recipient. A mailbox
 * that is full now may be emptied: 452. A message that could never fit: 552 (RFC 3463 X.2.2).
 */
import { status } from "../../mail/index.ts";
import type { RecipientSubject } from "./recipient.ts";
import type { Check, Verdict } from "./verdict.ts";

/** Empty where no quota is set. */
export type QuotaFacts = {
  readonly declaredOctets?: number;
  /** Of the mailbox with the least room. */
  readonly freeOctets?: number;
  /** The smallest quota among the mailboxes. */
  readonly quotaOctets?: number;
};

const NAME = "quota";

export const quotaCheck: Check<RecipientSubject, QuotaFacts> = {
  name: NAME,
  gather,
  judge,
  otherwise: ({ declaredOctets = 0, freeOctets = 0 }) => [
    `room for ${Math.max(1, declaredOctets)} octets; there were ${freeOctets}`,
    "a larger quota: gatepost mailbox set ADDRESS --quota",
  ],
};

function gather({ route, declaredOctets }: RecipientSubject): QuotaFacts {
  let freeOctets = Infinity;
  let smallest = Infinity;
  for (const { quotaOctets = Infinity, usedOctets } of route.mailboxes) {
    freeOctets = Math.min(freeOctets, Math.max(0, quotaOctets - usedOctets));
    smallest = Math.min(smallest, quotaOctets);
  }
  return smallest < Infinity ? { declaredOctets, freeOctets, quotaOctets: smallest } : {};
}

function judge(facts: QuotaFacts): Verdict {
  const { declaredOctets = 0, freeOctets = Infinity, quotaOctets = Infinity } = facts;
  if (freeOctets > 0 && declaredOctets <= freeOctets)
    return { action: "continue", check: NAME, evidence: facts };
  if (declaredOctets > quotaOctets)
    return { action: "refuse", check: NAME, status: NEVER_FITS, evidence: facts };
  return { action: "defer", check: NAME, status: FULL, evidence: facts };
}

const FULL = status(452, "4.2.2", "mailbox full, try again later", "policy/quota");
const NEVER_FITS = status(552, "5.2.2", "the message is larger than the mailbox", "policy/quota");
