/**
 * The directory as one connection sees it. Nothing is cached: a read takes some microseconds and sees what any
 * process committed before it.
 */
import type { Domain, MailboxId, SenderGrant } from "../../mail/index.ts";
import {
  StoreError,
  type AliasEntry,
  type AppPasswordEntry,
  type AppPasswordProtocol,
  type CertificateEntry,
  type DirectoryPage,
  type DirectoryReads,
  type DkimKeyEntry,
  type DomainEntry,
  type MailboxEntry,
  type PeerAuthority,
  type PeerEntry,
} from "../index.ts";
import { CertificateReads } from "./certificate-reads.ts";
import type { Connection } from "./connection.ts";
import { DKIM_KEYS, dkimKeyEntry } from "./dkim-key-row.ts";
import { PeerReads } from "./peer-reads.ts";
import { integer, octets, optionalInteger, optionalText, text, texts, type Row } from "./values.ts";

const MAILBOX = `SELECT id, local, domain, disabled, quota_octets, used_octets, messages, created_at,
    sending_factor
  FROM mailbox`;

const ALIAS = "SELECT local, domain, targets FROM alias";

/** Rows after a key in the order of addresses, up to a last domain. */
const PAGE = "WHERE (domain, local) > (?, ?) AND domain <= ? ORDER BY domain, local LIMIT ?";

/** Above every domain name: "~" comes after letters, digits, hyphens and dots. */
const AFTER_ALL_DOMAINS = "~";

export class SqliteDirectoryReads implements DirectoryReads {
  readonly #domain;
  readonly #mailbox;
  readonly #mailboxById;
  readonly #alias;
  readonly #verifier;
  readonly #scramVerifier;
  readonly #appPasswords;
  readonly #certificates;
  readonly #senderGrants;
  readonly #dkimKeys;
  readonly #peers;
  readonly #secret;
  readonly #domains;
  readonly #mailboxes;
  readonly #aliases;
  readonly #revision;
  readonly #proofRevision;

  constructor(connection: Connection) {
    this.#domain = connection.query("SELECT name, catch_all FROM domain WHERE name = ?");
    this.#mailbox = connection.query(`${MAILBOX} WHERE domain = ? AND local = ?`);
    this.#mailboxById = connection.query(`${MAILBOX} WHERE id = ?`);
    this.#alias = connection.query(`${ALIAS} WHERE domain = ? AND local = ?`);
    this.#verifier = connection.query("SELECT verifier FROM mailbox WHERE id = ?");
    this.#scramVerifier = connection.query("SELECT scram_verifier FROM mailbox WHERE id = ?");
    this.#appPasswords = connection.query(
      `SELECT name, hash, protocol, created_at, last_used_at
       FROM app_password WHERE mailbox = ? ORDER BY name`,
    );
    this.#certificates = new CertificateReads(connection);
    this.#senderGrants = connection.query(
      "SELECT domain, local FROM sender_grant WHERE mailbox = ? ORDER BY domain, local",
    );
    this.#dkimKeys = connection.query(DKIM_KEYS);
    this.#peers = new PeerReads(connection);
    this.#secret = connection.query("SELECT value FROM secret");
    this.#domains = connection.query("SELECT name, catch_all FROM domain ORDER BY name");
    this.#mailboxes = connection.query(`${MAILBOX} ${PAGE}`);
    this.#aliases = connection.query(`${ALIAS} ${PAGE}`);
    this.#revision = connection.query(
      "SELECT value FROM property WHERE name = 'directory_revision'",
    );
    this.#proofRevision = connection.query(
      "SELECT value FROM property WHERE name = 'proof_revision'",
    );
  }

  domain(name: Domain): DomainEntry | undefined {
    const row = this.#domain.row(name);
    return row && domainEntry(row);
  }

  mailbox(local: string, domain: Domain): MailboxEntry | undefined {
    const row = this.#mailbox.row(domain, local);
    return row && mailboxEntry(row);
  }

  mailboxById(id: MailboxId): MailboxEntry | undefined {
    const row = this.#mailboxById.row(id);
    return row && mailboxEntry(row);
  }

  alias(local: string, domain: Domain): AliasEntry | undefined {
    const row = this.#alias.row(domain, local);
    return row && aliasEntry(row);
  }

  verifier(id: MailboxId): string | undefined {
    const row = this.#verifier.row(id);
    return row && text(row[0]);
  }

  scramVerifier(id: MailboxId): string | undefined {
    const row = this.#scramVerifier.row(id);
    return row && optionalText(row[0]);
  }

  appPasswords(mailbox: MailboxId): readonly AppPasswordEntry[] {
    return this.#appPasswords.rows(mailbox).map(appPasswordEntry);
  }

  certificates(mailbox: MailboxId): readonly CertificateEntry[] {
    return this.#certificates.ofMailbox(mailbox);
  }

  certificate(key: string): CertificateEntry | undefined {
    return this.#certificates.withKey(key);
  }

  senderGrants(mailbox: MailboxId): readonly SenderGrant[] {
    return this.#senderGrants.rows(mailbox).map(senderGrant);
  }

  dkimKeys(domain: Domain): readonly DkimKeyEntry[] {
    return this.#dkimKeys.rows(domain).map(dkimKeyEntry);
  }

  peers(): readonly PeerEntry[] {
    return this.#peers.all();
  }

  peer(name: string): PeerEntry | undefined {
    return this.#peers.named(name);
  }

  peerAuthority(): PeerAuthority | undefined {
    return this.#peers.authority();
  }

  secret(): Uint8Array {
    return octets(this.#secret.row()?.[0]);
  }

  domains(): readonly DomainEntry[] {
    return this.#domains.rows().map(domainEntry);
  }

  mailboxes(page: DirectoryPage): readonly MailboxEntry[] {
    return this.#mailboxes.rows(...bounds(page)).map(mailboxEntry);
  }

  aliases(page: DirectoryPage): readonly AliasEntry[] {
    return this.#aliases.rows(...bounds(page)).map(aliasEntry);
  }

  revision(): number {
    return integer(this.#revision.row()?.[0]);
  }

  proofRevision(): number {
    return integer(this.#proofRevision.row()?.[0]);
  }
}

function bounds({ domain, after, limit }: DirectoryPage): [string, string, string, number] {
  const from = after ?? { domain: domain ?? "", local: "" };
  return [from.domain, from.local, domain ?? AFTER_ALL_DOMAINS, limit];
}

function domainEntry([name, catchAll]: Row): DomainEntry {
  const mailbox = optionalInteger(catchAll);
  return {
    name: asDomain(text(name)),
    ...(mailbox !== undefined && { catchAll: asMailboxId(mailbox) }),
  };
}

function mailboxEntry(row: Row): MailboxEntry {
  const [id, local, domain, disabled, quota, used, messages, createdAt, factor] = row;
  const sendingFactor = optionalInteger(factor);
  const quotaOctets = optionalInteger(quota);
  return {
    id: asMailboxId(integer(id)),
    local: text(local),
    domain: asDomain(text(domain)),
    disabled: integer(disabled) !== 0,
    ...(quotaOctets !== undefined && { quotaOctets }),
    usedOctets: integer(used),
    messages: integer(messages),
    ...(sendingFactor !== undefined && { sendingFactor }),
    createdAt: integer(createdAt),
  };
}

function appPasswordEntry([name, hash, protocol, createdAt, lastUsed]: Row): AppPasswordEntry {
  const lastUsedAt = optionalInteger(lastUsed);
  return {
    name: text(name),
    hash: text(hash),
    protocol: asProtocol(text(protocol)),
    createdAt: integer(createdAt),
    ...(lastUsedAt !== undefined && { lastUsedAt }),
  };
}

/** No name is that of the whole domain. */
function senderGrant([domain, local]: Row): SenderGrant {
  const name = text(local);
  return { ...(name !== "" && { local: name }), domain: asDomain(text(domain)) };
}

function asProtocol(name: string): AppPasswordProtocol {
  if (name === "pop3" || name === "smtp" || name === "any") return name;
  throw new StoreError(`the database is damaged: "${name}" is no protocol of an app password`);
}

function aliasEntry([local, domain, targets]: Row): AliasEntry {
  return { local: text(local), domain: asDomain(text(domain)), targets: texts(targets) };
}

/** It was a checked Domain when it was written. */
function asDomain(name: string): Domain {
  return name as Domain;
}

/** The store is where mailbox ids are made. */
function asMailboxId(id: number): MailboxId {
  return id as MailboxId;
}
