/**
 * The directory as receiving mail sees it: what was read is remembered until the directory changes, so that a
 * recipient costs one small read instead of several. Promises: `proofRevision`, which is asked before each recipient
 * and each sender of a login, looks whether anything has changed, and what is read after it is no older than that. How full a mailbox with a quota
 * is changes with every message, so such a mailbox is read each time.
 */
import type { Domain, MailboxId, Peer, SenderGrant } from "../mail/index.ts";
import type { RoutedMailbox } from "../policy/routing/index.ts";
import type { ProvedDirectory } from "./directory-gate.ts";
import type { SiteDirectory } from "./policy.ts";

/** Names remembered of each kind; when there are more, all are forgotten. What does not exist is not remembered. */
const REMEMBERED = 10_000;

export interface RevisedDirectory extends SiteDirectory, ProvedDirectory {
  revision(): number;
  peers(): readonly Peer[];
}

export class DirectoryMemory implements SiteDirectory, ProvedDirectory {
  readonly #directory: RevisedDirectory;
  #revision: number | undefined;
  #proofRevision = 0;
  readonly #domains = new Map<string, { readonly catchAll?: MailboxId }>();
  readonly #mailboxes = new Map<string, RoutedMailbox>();
  #peers: readonly Peer[] | undefined;

  constructor(directory: RevisedDirectory) {
    this.#directory = directory;
  }

  proofRevision(): number {
    const revision = this.#directory.revision();
    if (revision === this.#revision) return this.#proofRevision;
    this.#domains.clear();
    this.#mailboxes.clear();
    this.#peers = undefined;
    this.#proofRevision = this.#directory.proofRevision();
    this.#revision = revision;
    return this.#proofRevision;
  }

  domain(name: Domain): { readonly catchAll?: MailboxId } | undefined {
    const known = this.#domains.get(name);
    if (known !== undefined) return known;
    const domain = this.#directory.domain(name);
    if (domain !== undefined) remember(this.#domains, name, domain);
    return domain;
  }

  mailbox(local: string, domain: Domain): RoutedMailbox | undefined {
    const key = `${local}@${domain}`;
    const known = this.#mailboxes.get(key);
    if (known !== undefined) return known;
    const mailbox = this.#directory.mailbox(local, domain);
    if (mailbox !== undefined && mailbox.quotaOctets === undefined)
      remember(this.#mailboxes, key, mailbox);
    return mailbox;
  }

  mailboxById(id: MailboxId): RoutedMailbox | undefined {
    return this.#directory.mailboxById(id);
  }

  alias(local: string, domain: Domain): { readonly targets: readonly string[] } | undefined {
    return this.#directory.alias(local, domain);
  }

  /** As they are now; the same array until the directory changes. */
  peers(): readonly Peer[] {
    this.proofRevision();
    return (this.#peers ??= this.#directory.peers());
  }

  peer(name: string): Peer | undefined {
    return this.#directory.peer(name);
  }

  senderGrants(mailbox: MailboxId): readonly SenderGrant[] {
    return this.#directory.senderGrants(mailbox);
  }
}

function remember<Entry>(memory: Map<string, Entry>, key: string, entry: Entry): void {
  if (memory.size === REMEMBERED) memory.clear();
  memory.set(key, entry);
}
