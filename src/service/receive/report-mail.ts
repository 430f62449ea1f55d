/**
 * Mail for a report address waits to be collected instead of going into a mailbox: hundreds of servers report each day. What
 * it says nobody looks at here.
 */
import { formatAddress, type ForwardPath, type Ip, type MailboxId } from "../../mail/index.ts";
import type { Route } from "../../policy/routing/index.ts";
import type { Acceptance } from "../../store/index.ts";
import type { ReportsTo, Transaction } from "./transaction.ts";

/** Octets as it came. A report of the largest sender is smaller; what is larger goes to the postmaster as it is. */
export const REPORT_MAIL_OCTETS = 1_048_576;

/** Where a message of so many octets goes here: into mailboxes at once, and to be collected. */
export function placesHere(
  { mailboxes, reportsTo, reversePath }: Transaction,
  octets: number,
  { ip, at }: { readonly ip: Ip; readonly at: number },
): Pick<Acceptance, "mailboxes" | "report"> {
  if (reportsTo === undefined) return { mailboxes };
  const { mailbox, domain } = reportsTo;
  if (octets > REPORT_MAIL_OCTETS) return { mailboxes: withOne(mailboxes, mailbox.id) };
  const from = reversePath === null ? "" : formatAddress(reversePath);
  return { mailboxes, report: { mailbox: mailbox.id, domain, from, ip, at } };
}

function withOne(mailboxes: readonly MailboxId[], one: MailboxId): readonly MailboxId[] {
  return mailboxes.includes(one) ? mailboxes : [...mailboxes, one];
}

/** Undefined for whatever is no address for reports. */
export function reportAddress(
  path: ForwardPath,
  { recipient, mailboxes }: Route,
): ReportsTo | undefined {
  const [mailbox] = mailboxes;
  if (recipient !== "report address" || mailbox === undefined) return undefined;
  return path === "postmaster" || path.host.kind === "literal"
    ? undefined
    : { mailbox, domain: path.host.domain };
}
