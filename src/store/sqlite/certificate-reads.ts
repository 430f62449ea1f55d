/** Certificates by which one logs in as a mailbox, as one connection sees them. */
import type { MailboxId } from "../../mail/index.ts";
import type { CertificateEntry } from "../index.ts";
import type { Connection } from "./connection.ts";
import { integer, optionalInteger, text, type Row } from "./values.ts";

const CERTIFICATE =
  "SELECT mailbox, name, key, created_at, expires_at, last_used_at FROM mailbox_certificate";

export class CertificateReads {
  readonly #ofMailbox;
  readonly #withKey;

  constructor(connection: Connection) {
    this.#ofMailbox = connection.query(`${CERTIFICATE} WHERE mailbox = ? ORDER BY name`);
    this.#withKey = connection.query(`${CERTIFICATE} WHERE key = ?`);
  }

  ofMailbox(mailbox: MailboxId): readonly CertificateEntry[] {
    return this.#ofMailbox.rows(mailbox).map(certificateEntry);
  }

  withKey(key: string): CertificateEntry | undefined {
    const row = this.#withKey.row(key);
    return row && certificateEntry(row);
  }
}

function certificateEntry([
  mailbox,
  name,
  key,
  createdAt,
  expires,
  lastUsed,
]: Row): CertificateEntry {
  const expiresAt = optionalInteger(expires);
  const lastUsedAt = optionalInteger(lastUsed);
  return {
    mailbox: integer(mailbox) as MailboxId, // the store is where mailbox ids are made
    name: text(name),
    key: text(key),
    createdAt: integer(createdAt),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(lastUsedAt !== undefined && { lastUsedAt }),
  };
}
