/**
 * The changes of the directory, inside a transaction that somebody else began. What does not fit what is there is
 * answered in words; whoever asked reads them.
 */
import type { Domain, MailboxId } from "../../mail/index.ts";
import type { DirectoryChange } from "../index.ts";
import { addCertificate, removeCertificate } from "./certificate-changes.ts";
import type { Connection } from "./connection.ts";
import { addDkimKeys, turnDkimKeys } from "./dkim-keys.ts";
import type { SqliteDirectoryReads } from "./directory-reads.ts";
import { addPeer, makePeerAuthority, removePeer, setPeer } from "./peer-changes.ts";
import { changeSenderGrant } from "./sender-grants.ts";
import { newToken } from "./uid.ts";
import { integer, text } from "./values.ts";

/** Why a change cannot be made; undefined when it was. */
type Problem = string | undefined;

type Change<Kind extends DirectoryChange["kind"]> = DirectoryChange & { readonly kind: Kind };

export class DirectoryChanges {
  readonly #connection: Connection;
  readonly #reads: SqliteDirectoryReads;
  readonly #now: () => number;

  constructor(connection: Connection, reads: SqliteDirectoryReads, now: () => number) {
    this.#connection = connection;
    this.#reads = reads;
    this.#now = now;
  }

  apply(change: DirectoryChange): Problem {
    const problem = this.#perform(change);
    if (problem !== undefined) return problem;
    this.#count("directory_revision");
    if (changesProof(change)) this.#count("proof_revision");
    return undefined;
  }

  #count(revision: "directory_revision" | "proof_revision"): void {
    this.#run("UPDATE property SET value = value + 1 WHERE name = ?", revision);
  }

  #perform(change: DirectoryChange): Problem {
    switch (change.kind) {
      case "add-domain":
        return this.#addDomain(change);
      case "set-domain":
        return this.#setDomain(change);
      case "remove-domain":
        return this.#removeDomain(change);
      case "add-mailbox":
        return this.#addMailbox(change);
      case "set-mailbox":
        return this.#setMailbox(change);
      case "remove-mailbox":
        return this.#removeMailbox(change);
      case "add-app-password":
        return this.#addAppPassword(change);
      case "remove-app-password":
        return this.#removeAppPassword(change);
      case "add-certificate":
        return addCertificate(this.#connection, this.#reads, change, this.#now());
      case "remove-certificate":
        return removeCertificate(this.#connection, this.#reads, change);
      case "allow-sender":
      case "deny-sender":
        return changeSenderGrant(this.#connection, this.#reads, change);
      case "add-dkim-keys":
        return addDkimKeys(this.#connection, this.#reads, change, this.#now());
      case "turn-dkim-keys":
        return turnDkimKeys(this.#connection, this.#reads, change, this.#now());
      case "set-alias":
        return this.#setAlias(change);
      case "remove-alias":
        return this.#removeAlias(change);
      case "add-peer":
        return addPeer(this.#connection, this.#reads, change, this.#now());
      case "set-peer":
        return setPeer(this.#connection, this.#reads, change);
      case "remove-peer":
        return removePeer(this.#connection, this.#reads, change);
      case "make-peer-authority":
        return makePeerAuthority(this.#connection, this.#reads, change.authority);
    }
  }

  #addDomain({ domain, dkimKeys: keys = [] }: Change<"add-domain">): Problem {
    if (this.#reads.domain(domain) !== undefined) return `there is already a domain ${domain}`;
    this.#run("INSERT INTO domain (name) VALUES (?)", domain);
    const added = { kind: "add-dkim-keys", domain, keys } as const;
    return addDkimKeys(this.#connection, this.#reads, added, this.#now());
  }

  #setDomain({ domain, catchAll }: Change<"set-domain">): Problem {
    if (this.#reads.domain(domain) === undefined) return noDomain(domain);
    if (catchAll !== null && this.#reads.mailboxById(catchAll) === undefined)
      return "the mailbox for the catch-all is gone";
    this.#run("UPDATE domain SET catch_all = ? WHERE name = ?", catchAll, domain);
    return undefined;
  }

  #removeDomain({ domain }: Change<"remove-domain">): Problem {
    if (this.#reads.domain(domain) === undefined) return noDomain(domain);
    const mailboxes = this.#number("SELECT count(*) FROM mailbox WHERE domain = ?", domain);
    const aliases = this.#number("SELECT count(*) FROM alias WHERE domain = ?", domain);
    const held = [counted(mailboxes, "mailbox", "mailboxes"), counted(aliases, "alias", "aliases")];
    const holds = held.filter((words) => words !== undefined);
    if (holds.length > 0) return `domain ${domain} has ${holds.join(" and ")}; remove them first`;
    this.#run("DELETE FROM dkim_key WHERE domain = ?", domain);
    this.#run("DELETE FROM domain WHERE name = ?", domain);
    return undefined;
  }

  #addMailbox(change: Change<"add-mailbox">): Problem {
    const { local, domain, verifier, scramVerifier, quotaOctets } = change;
    const problem = this.#noRoomForMailbox(local, domain);
    if (problem !== undefined) return problem;
    this.#run(
      `INSERT INTO mailbox
         (domain, local, verifier, scram_verifier, quota_octets, uid_token, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      domain,
      local,
      verifier,
      scramVerifier ?? null,
      quotaOctets ?? null,
      newToken(),
      this.#now(),
    );
    return undefined;
  }

  #noRoomForMailbox(local: string, domain: Domain): Problem {
    if (this.#reads.domain(domain) === undefined) return noDomain(domain);
    if (this.#reads.mailbox(local, domain) !== undefined)
      return `there is already a mailbox ${local}@${domain}`;
    if (this.#reads.alias(local, domain) !== undefined)
      return `there is already an alias ${local}@${domain}; remove it first`;
    return undefined;
  }

  #setMailbox(change: Change<"set-mailbox">): Problem {
    const { id, verifier, scramVerifier, quotaOctets, disabled, sendingFactor } = change;
    if (this.#reads.mailboxById(id) === undefined) return GONE;
    if (verifier !== undefined) this.#setVerifiers(id, verifier, scramVerifier);
    if (quotaOctets !== undefined)
      this.#run("UPDATE mailbox SET quota_octets = ? WHERE id = ?", quotaOctets, id);
    if (disabled !== undefined)
      this.#run("UPDATE mailbox SET disabled = ? WHERE id = ?", disabled ? 1 : 0, id);
    if (sendingFactor !== undefined)
      this.#run("UPDATE mailbox SET sending_factor = ? WHERE id = ?", sendingFactor, id);
    return undefined;
  }

  /** Both at once: the old password must not go on in one of them. */
  #setVerifiers(id: MailboxId, verifier: string, scramVerifier: string | undefined): void {
    const sql = "UPDATE mailbox SET verifier = ?, scram_verifier = ? WHERE id = ?";
    this.#run(sql, verifier, scramVerifier ?? null, id);
  }

  #removeMailbox({ id }: Change<"remove-mailbox">): Problem {
    const mailbox = this.#reads.mailboxById(id);
    if (mailbox === undefined) return GONE;
    const row = this.#connection.query("SELECT name FROM domain WHERE catch_all = ?").row(id);
    if (row !== undefined)
      return `${mailbox.local}@${mailbox.domain} is the catch-all of ${text(row[0])}; set another one or none first`;
    this.#removeMessages(id);
    for (const table of OF_MAILBOX) this.#run(`DELETE FROM ${table} WHERE mailbox = ?`, id);
    this.#run("DELETE FROM mailbox WHERE id = ?", id);
    return undefined;
  }

  /** Takes the mailbox's messages; their content goes where no other mailbox holds it. */
  #removeMessages(id: MailboxId): void {
    const held = "id IN (SELECT message FROM maildrop WHERE mailbox = ?)";
    this.#run(
      `DELETE FROM part WHERE body IN (SELECT body FROM message WHERE holders = 1 AND ${held})`,
      id,
    );
    this.#run(`DELETE FROM message WHERE holders = 1 AND ${held}`, id);
    this.#run(`UPDATE message SET holders = holders - 1 WHERE ${held}`, id);
    this.#run("DELETE FROM maildrop WHERE mailbox = ?", id);
  }

  #addAppPassword({ mailbox, name, hash, protocol }: Change<"add-app-password">): Problem {
    if (this.#reads.mailboxById(mailbox) === undefined) return GONE;
    if (this.#hasAppPassword(mailbox, name))
      return `there is already an app password "${name}"; remove it first`;
    this.#run(
      `INSERT INTO app_password (mailbox, name, hash, protocol, created_at)
       VALUES (?, ?, ?, ?, ?)`,
      mailbox,
      name,
      hash,
      protocol,
      this.#now(),
    );
    return undefined;
  }

  #removeAppPassword({ mailbox, name }: Change<"remove-app-password">): Problem {
    if (this.#reads.mailboxById(mailbox) === undefined) return GONE;
    if (!this.#hasAppPassword(mailbox, name)) return `there is no app password "${name}"`;
    this.#run("DELETE FROM app_password WHERE mailbox = ? AND name = ?", mailbox, name);
    return undefined;
  }

  #hasAppPassword(mailbox: MailboxId, name: string): boolean {
    return this.#reads.appPasswords(mailbox).some((one) => one.name === name);
  }

  #setAlias({ alias: { local, domain, targets } }: Change<"set-alias">): Problem {
    if (this.#reads.domain(domain) === undefined) return noDomain(domain);
    if (this.#reads.mailbox(local, domain) !== undefined)
      return `there is already a mailbox ${local}@${domain}; an alias cannot have its name`;
    const list = JSON.stringify(targets);
    this.#run("INSERT OR REPLACE INTO alias VALUES (?, ?, ?)", domain, local, list);
    return undefined;
  }

  #removeAlias({ local, domain }: Change<"remove-alias">): Problem {
    if (this.#reads.alias(local, domain) === undefined)
      return `there is no alias ${local}@${domain}`;
    this.#run("DELETE FROM alias WHERE domain = ? AND local = ?", domain, local);
    return undefined;
  }

  #number(sql: string, domain: Domain): number {
    return integer(this.#connection.query(sql).row(domain)?.[0]);
  }

  #run(sql: string, ...parameters: (string | number | null)[]): void {
    this.#connection.query(sql).run(...parameters);
  }
}

/** Tables whose rows go with their mailbox. */
const OF_MAILBOX = [
  "app_password",
  "mailbox_certificate",
  "sender_grant",
  "sent",
  "sending_notice",
];

const GONE = "there is no such mailbox";

function noDomain(domain: Domain): string {
  return `there is no domain ${domain}`;
}

function counted(count: number, one: string, many: string): string | undefined {
  if (count === 0) return undefined;
  return count === 1 ? `1 ${one}` : `${count} ${many}`;
}

/** Whether the relay proof ranges over what was changed; mailboxes are told apart by their names alone. */
function changesProof(change: DirectoryChange): boolean {
  switch (change.kind) {
    case "add-domain":
    case "set-domain":
    case "remove-domain":
    case "set-alias":
    case "remove-alias":
    case "add-peer":
    case "set-peer":
    case "remove-peer":
      return true;
    case "add-mailbox":
    case "set-mailbox":
    case "remove-mailbox":
    case "add-app-password":
    case "remove-app-password":
    case "add-certificate":
    case "remove-certificate":
    case "allow-sender":
    case "deny-sender":
    case "add-dkim-keys":
    case "turn-dkim-keys":
    case "make-peer-authority":
      return false;
  }
}
