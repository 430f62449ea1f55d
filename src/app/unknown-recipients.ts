/** What `recipients.unknown` means on this site, for `gatepost check`. */
import type { Config } from "../config/index.ts";
import type { RecipientClass } from "../policy/routing/index.ts";

/** In a sentence: what becomes of mail for somebody whom nobody knows here. */
export function unknownRecipientsText({ recipients, authentication }: Config): string {
  const { unknown, reported_recipients: named, reports_per_hour: often } = recipients;
  if (unknown === "refuse")
    return "refused in the session, whoever asks; the sending server tells its user";
  const within = authentication.private_clients ? "" : ", never of a client on a private address";
  return (
    `taken from senders whom SPF verifies${within}, who are told by mail: ${named} of a message, ` +
    `${often} messages of a domain in an hour; refused in the session for everybody else`
  );
}

/** Kinds of recipients that there are on some sites alone: where unknown ones are reported, where relay tests come back to. */
export function isUnusedHere(recipient: RecipientClass, { recipients, tester }: Config): boolean {
  if (recipient === "relay test's return") return tester.domain === undefined;
  const isBySender =
    recipient === "unknown mailbox, to be reported" ||
    recipient === "unknown mailbox, sender undecided";
  return isBySender && recipients.unknown === "refuse";
}
