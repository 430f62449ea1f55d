/**
 * Mail for a report address waits to be collected instead of going into a mailbox: hundreds of servers report each day. What
 * it says nobody looks at here; of one about a relay it is known whose it is.
 */
import {
  formatAddress,
  type ForwardPath,
  type Ip,
  type Login,
  type MailboxId,
} from "../../mail/index.ts";
import type { Route } from "../../policy/routing/index.ts";
import type { Acceptance, ReportSubject } from "../../store/index.ts";
import type { Results } from "../authentication/index.ts";
import type { ReportsTo, Transaction } from "./transaction.ts";

/** Octets as it came. A report of the largest sender is smaller; what is larger goes to the postmaster as it is. */
export const REPORT_MAIL_OCTETS = 1_048_576;

/** Where a message of so many octets goes here: into mailboxes at once, and to be collected. */
export function placesHere(
  { mailboxes, reportsTo, reversePath }: Transaction,
  octets: number,
  { ip, at, reporter }: { readonly ip: Ip; readonly at: number; readonly reporter?: string },
): Pick<Acceptance, "mailboxes" | "report"> {
  if (reportsTo === undefined) return { mailboxes };
  const { mailbox, domain } = reportsTo;
  if (octets > REPORT_MAIL_OCTETS) return { mailboxes: withOne(mailboxes, mailbox.id) };
  const from = reversePath === null ? "" : formatAddress(reversePath);
  const subject = subjectOf(reportsTo, reporter);
  return { mailboxes, report: { ...subject, mailbox: mailbox.id, domain, from, ip, at } };
}

/** A check has refused all others; where it has not, nobody can say who reports. */
function subjectOf({ about }: ReportsTo, reporter: string | undefined): ReportSubject {
  if (about === "tls") return { about };
  if (reporter === undefined) throw new Error("a report of a host by nobody");
  return { about, reporter };
}

/**
 * By whom reports are counted: the login, or of a stranger the organization that its author's domain belongs to, for whoever has a domain has as
 * many as he likes below it.
 */
export function reporterOf(
  login: Login | undefined,
  origin: Results | undefined,
): string | undefined {
  if (login !== undefined) return login.address;
  return origin?.dmarc === "pass" ? (origin.organizations?.author ?? origin.author) : undefined;
}

function withOne(mailboxes: readonly MailboxId[], one: MailboxId): readonly MailboxId[] {
  return mailboxes.includes(one) ? mailboxes : [...mailboxes, one];
}

/** Undefined for whatever is no address for reports. */
export function reportAddress(
  path: ForwardPath,
  { about, mailboxes }: Route,
): ReportsTo | undefined {
  const [mailbox] = mailboxes;
  if (about === undefined || mailbox === undefined) return undefined;
  return path === "postmaster" || path.host.kind === "literal"
    ? undefined
    : { about, mailbox, domain: path.host.domain };
}
