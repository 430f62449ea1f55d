/** What a mailbox may send as besides its own addresses: granted and taken back, inside a transaction that somebody else began. */
import type { SenderGrant } from "../../mail/index.ts";
import type { DirectoryChange } from "../index.ts";
import type { Connection } from "./connection.ts";
import type { SqliteDirectoryReads } from "./directory-reads.ts";

type GrantChange = DirectoryChange & { readonly kind: "allow-sender" | "deny-sender" };

/** Why it cannot be done; undefined when it was. */
export function changeSenderGrant(
  connection: Connection,
  reads: SqliteDirectoryReads,
  { kind, mailbox, sender }: GrantChange,
): string | undefined {
  if (reads.mailboxById(mailbox) === undefined) return "there is no such mailbox";
  if (sender.local === "") return "an address without a name cannot be granted"; // it would stand for the whole domain
  const { domain, local = "" } = sender;
  const there = reads
    .senderGrants(mailbox)
    .some((one) => one.domain === domain && (one.local ?? "") === local);
  if (there !== (kind === "deny-sender"))
    return `${grantText(sender)} ${there ? "is granted already" : "was not granted"}`;
  const sql = there
    ? "DELETE FROM sender_grant WHERE mailbox = ? AND domain = ? AND local = ?"
    : "INSERT INTO sender_grant VALUES (?, ?, ?)";
  connection.query(sql).run(mailbox, domain, local);
  return undefined;
}

function grantText({ local = "", domain }: SenderGrant): string {
  return `${local}@${domain}`;
}
