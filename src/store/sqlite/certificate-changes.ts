/** Changes of certificates by which one logs in as a mailbox, inside a transaction that somebody else began. Each says why it cannot be made; undefined when it was. */
import type { CertificateEntry, DirectoryChange } from "../index.ts";
import type { Connection } from "./connection.ts";
import type { SqliteDirectoryReads } from "./directory-reads.ts";

type Change<Kind extends DirectoryChange["kind"]> = DirectoryChange & { readonly kind: Kind };

export function addCertificate(
  connection: Connection,
  reads: SqliteDirectoryReads,
  { mailbox, name, key, expiresAt }: Change<"add-certificate">,
  now: number,
): string | undefined {
  if (reads.mailboxById(mailbox) === undefined) return "there is no such mailbox";
  if (reads.certificates(mailbox).some((one) => one.name === name))
    return `there is already a certificate "${name}"; remove it first`;
  const there = reads.certificate(key);
  if (there !== undefined) return takenText(there, reads);
  connection
    .query(
      `INSERT INTO mailbox_certificate (key, mailbox, name, created_at, expires_at)
       VALUES (?, ?, ?, ?, ?)`,
    )
    .run(key, mailbox, name, now, expiresAt ?? null);
  return undefined;
}

export function removeCertificate(
  connection: Connection,
  reads: SqliteDirectoryReads,
  { mailbox, name }: Change<"remove-certificate">,
): string | undefined {
  if (reads.mailboxById(mailbox) === undefined) return "there is no such mailbox";
  if (!reads.certificates(mailbox).some((one) => one.name === name))
    return `there is no certificate "${name}"`;
  const sql = "DELETE FROM mailbox_certificate WHERE mailbox = ? AND name = ?";
  connection.query(sql).run(mailbox, name);
  return undefined;
}

function takenText({ mailbox, name }: CertificateEntry, reads: SqliteDirectoryReads): string {
  const holder = reads.mailboxById(mailbox);
  const address = holder === undefined ? "a mailbox" : `${holder.local}@${holder.domain}`;
  return `this key is the certificate "${name}" of ${address} already; it can be one mailbox's only`;
}
