/**
 * A site's directory in memory, for whoever reads or changes one: routing, receiving, administration. It conflicts
 * where the contract says so and promises nothing about disks.
 */
import {
  localKey,
  parseAddress,
  parseDomain,
  type Domain,
  type MailboxId,
  type Peer,
  type SenderGrant,
} from "../../src/mail/index.ts";
import type {
  AliasEntry,
  AppPasswordEntry,
  CertificateEntry,
  ChangeResult,
  Directory,
  DirectoryChange,
  DirectoryPage,
  DirectoryReads,
  DkimKey,
  DkimKeyEntry,
  DomainEntry,
  MailboxEntry,
  PeerAuthority,
  PeerEntry,
  PeerSeen,
} from "../../src/store/index.ts";

interface Verifiers {
  readonly verifier: string;
  readonly scramVerifier: string | undefined;
}

interface Rows {
  readonly domains: Map<Domain, DomainEntry>;
  readonly mailboxes: Map<MailboxId, MailboxEntry>;
  readonly verifiers: Map<MailboxId, Verifiers>;
  readonly appPasswords: Map<MailboxId, readonly AppPasswordEntry[]>;
  /** By their keys. */
  readonly certificates: Map<string, CertificateEntry>;
  readonly aliases: Map<string, AliasEntry>;
  readonly senderGrants: Map<MailboxId, readonly SenderGrant[]>;
  readonly dkimKeys: Map<Domain, readonly DkimKeyEntry[]>;
  readonly peers: Map<string, PeerEntry>;
  /** One at most. */
  readonly peerAuthorities: PeerAuthority[];
}

export class MemoryDirectory implements Directory {
  #rows: Rows;
  #revision = 0;
  /** Reads of mailboxes and aliases so far. */
  reads = 0;
  /** While set, nothing is answered. */
  broken = false;

  constructor(
    rows: Rows = {
      domains: new Map(),
      mailboxes: new Map(),
      verifiers: new Map(),
      appPasswords: new Map(),
      certificates: new Map(),
      aliases: new Map(),
      senderGrants: new Map(),
      dkimKeys: new Map(),
      peers: new Map(),
      peerAuthorities: [],
    },
  ) {
    this.#rows = rows;
  }

  // ---- Set up, as a test writes a site down ----

  withDomain(name: string, catchAll?: MailboxId): this {
    const domain = domainOf(name);
    this.#rows.domains.set(domain, { name: domain, ...(catchAll !== undefined && { catchAll }) });
    return this;
  }

  /** Adds a mailbox, or changes one; resolves to its key. */
  mailboxAt(
    address: string,
    state: Partial<Pick<MailboxEntry, "disabled" | "quotaOctets" | "usedOctets">> = {},
  ): MailboxId {
    const { local, domain } = partsOf(address);
    const there = this.mailbox(local, domain) ?? newMailbox(this.#rows, local, domain);
    this.#rows.mailboxes.set(there.id, { ...there, ...state });
    return there.id;
  }

  withMailbox(...addresses: readonly string[]): this {
    for (const address of addresses) this.mailboxAt(address);
    return this;
  }

  withAlias(address: string, ...targets: readonly string[]): this {
    const { local, domain } = partsOf(address);
    this.#rows.aliases.set(`${local}@${domain}`, { local, domain, targets });
    return this;
  }

  withPeer(...peers: readonly Peer[]): this {
    for (const peer of peers) this.#rows.peers.set(peer.name, { ...peer, createdAt: 0 });
    return this;
  }

  // ---- Directory ----

  domain(name: Domain): DomainEntry | undefined {
    return this.#answer().domains.get(name);
  }

  mailbox(local: string, domain: Domain): MailboxEntry | undefined {
    this.reads++;
    return [...this.#answer().mailboxes.values()].find(
      (one) => one.local === local && one.domain === domain,
    );
  }

  mailboxById(id: MailboxId): MailboxEntry | undefined {
    return this.#answer().mailboxes.get(id);
  }

  alias(local: string, domain: Domain): AliasEntry | undefined {
    this.reads++;
    return this.#answer().aliases.get(`${local}@${domain}`);
  }

  verifier(id: MailboxId): string | undefined {
    return this.#answer().verifiers.get(id)?.verifier;
  }

  scramVerifier(id: MailboxId): string | undefined {
    return this.#answer().verifiers.get(id)?.scramVerifier;
  }

  appPasswords(mailbox: MailboxId): readonly AppPasswordEntry[] {
    return this.#answer().appPasswords.get(mailbox) ?? [];
  }

  certificates(mailbox: MailboxId): readonly CertificateEntry[] {
    return [...this.#answer().certificates.values()]
      .filter((one) => one.mailbox === mailbox)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  certificate(digest: string): CertificateEntry | undefined {
    return this.#answer().certificates.get(digest);
  }

  noteCertificateUse(digest: string, lastUsedAt: number): void {
    const used = this.certificate(digest);
    if (used !== undefined) this.#rows.certificates.set(digest, { ...used, lastUsedAt });
  }

  senderGrants(mailbox: MailboxId): readonly SenderGrant[] {
    return this.#answer().senderGrants.get(mailbox) ?? [];
  }

  dkimKeys(domain: Domain): readonly DkimKeyEntry[] {
    return this.#answer().dkimKeys.get(domain) ?? [];
  }

  peers(): readonly PeerEntry[] {
    return [...this.#answer().peers.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  peer(name: string): PeerEntry | undefined {
    return this.#answer().peers.get(name);
  }

  peerAuthority(): PeerAuthority | undefined {
    return this.#answer().peerAuthorities[0];
  }

  notePeerSeen(name: string, { expiresAt, ...lastSeen }: PeerSeen): void {
    const there = this.peer(name);
    if (there !== undefined) this.#rows.peers.set(name, { ...there, expiresAt, lastSeen });
  }

  secret(): Uint8Array {
    return new Uint8Array(32);
  }

  noteAppPasswordUse(mailbox: MailboxId, name: string, lastUsedAt: number): void {
    const entries = this.appPasswords(mailbox).map((one) =>
      one.name === name ? { ...one, lastUsedAt } : one,
    );
    this.#rows.appPasswords.set(mailbox, entries);
  }

  domains(): readonly DomainEntry[] {
    return [...this.#answer().domains.values()];
  }

  mailboxes(page: DirectoryPage): readonly MailboxEntry[] {
    return paged([...this.#answer().mailboxes.values()], page);
  }

  aliases(page: DirectoryPage): readonly AliasEntry[] {
    return paged([...this.#answer().aliases.values()], page);
  }

  revision(): number {
    return this.proofRevision();
  }

  proofRevision(): number {
    return this.#answer() && this.#revision;
  }

  async change(
    change: DirectoryChange,
    inspect: (after: DirectoryReads) => boolean | Promise<boolean>,
  ): Promise<ChangeResult> {
    const rows = copyOf(this.#answer());
    const problem = apply(change, rows);
    if (problem !== undefined) return { kind: "conflict", problem };
    if (!(await inspect(new MemoryDirectory(rows)))) return { kind: "rejected" };
    this.#rows = rows;
    this.#revision++;
    return { kind: "changed" };
  }

  #answer(): Rows {
    if (this.broken) throw new Error("the directory does not answer");
    return this.#rows;
  }
}

export function domainOf(text: string): Domain {
  const domain = parseDomain(text);
  if (domain === undefined) throw new Error(`${text} is no domain name`);
  return domain;
}

function partsOf(text: string): { local: string; domain: Domain } {
  const address = parseAddress(text);
  if (typeof address === "string" || address.host.kind !== "domain")
    throw new Error(`${text} is no address`);
  return { local: localKey(address.local), domain: address.host.domain };
}

/** Not in the rows yet. */
function newMailbox({ mailboxes }: Rows, local: string, domain: Domain): MailboxEntry {
  const id = (Math.max(0, ...mailboxes.keys()) + 1) as MailboxId; // this store's own key
  return { id, local, domain, disabled: false, usedOctets: 0, messages: 0, createdAt: 0 };
}

function copyOf(rows: Rows): Rows {
  const { domains, mailboxes, verifiers, appPasswords, aliases, senderGrants } = rows;
  return {
    domains: new Map(domains),
    mailboxes: new Map(mailboxes),
    verifiers: new Map(verifiers),
    appPasswords: new Map(appPasswords),
    certificates: new Map(rows.certificates),
    aliases: new Map(aliases),
    senderGrants: new Map(senderGrants),
    dkimKeys: new Map(rows.dkimKeys),
    peers: new Map(rows.peers),
    peerAuthorities: [...rows.peerAuthorities],
  };
}

function key({ domain, local }: { readonly local: string; readonly domain: Domain }): string {
  return `${domain} ${local}`;
}

function paged<Row extends { readonly local: string; readonly domain: Domain }>(
  rows: readonly Row[],
  { domain, after, limit }: DirectoryPage,
): readonly Row[] {
  return rows
    .filter((row) => domain === undefined || row.domain === domain)
    .toSorted((a, b) => (key(a) < key(b) ? -1 : 1))
    .filter((row) => after === undefined || key(row) > key(after))
    .slice(0, limit);
}

/** What does not fit what is there, in words; undefined when the change was made. */
function apply(change: DirectoryChange, rows: Rows): string | undefined {
  switch (change.kind) {
    case "add-domain":
      if (rows.domains.has(change.domain)) return `there is already a domain ${change.domain}`;
      rows.domains.set(change.domain, { name: change.domain });
      return addDkimKeys(change.domain, change.dkimKeys ?? [], rows);
    case "set-domain": {
      if (!rows.domains.has(change.domain)) return `there is no domain ${change.domain}`;
      const { domain: name, catchAll } = change;
      rows.domains.set(name, catchAll === null ? { name } : { name, catchAll });
      return undefined;
    }
    case "remove-domain":
      return rows.domains.delete(change.domain) ? undefined : `there is no domain ${change.domain}`;
    case "add-mailbox": {
      const { local, domain, verifier, scramVerifier, quotaOctets } = change;
      if (!rows.domains.has(domain)) return `there is no domain ${domain}`;
      const made = newMailbox(rows, local, domain);
      const quota = quotaOctets === undefined ? {} : { quotaOctets };
      rows.mailboxes.set(made.id, { ...made, ...quota });
      rows.verifiers.set(made.id, { verifier, scramVerifier });
      return undefined;
    }
    case "set-mailbox":
      return setMailbox(change, rows);
    case "remove-mailbox":
      return rows.mailboxes.delete(change.id) ? undefined : "there is no such mailbox";
    case "add-app-password": {
      const { mailbox, name, hash, protocol } = change;
      const there = rows.appPasswords.get(mailbox) ?? [];
      if (there.some((one) => one.name === name))
        return `there is already an app password "${name}"; remove it first`;
      rows.appPasswords.set(mailbox, [...there, { name, hash, protocol, createdAt: 0 }]);
      return undefined;
    }
    case "remove-app-password": {
      const there = rows.appPasswords.get(change.mailbox) ?? [];
      const left = there.filter(({ name }) => name !== change.name);
      rows.appPasswords.set(change.mailbox, left);
      return left.length < there.length ? undefined : `there is no app password "${change.name}"`;
    }
    case "add-certificate": {
      const { mailbox, name, key: digest, expiresAt } = change;
      const all = [...rows.certificates.values()];
      if (all.some((one) => one.mailbox === mailbox && one.name === name))
        return `there is already a certificate "${name}"; remove it first`;
      if (rows.certificates.has(digest)) return "this key is a certificate already";
      const ends = expiresAt === undefined ? {} : { expiresAt };
      rows.certificates.set(digest, { mailbox, name, key: digest, createdAt: 0, ...ends });
      return undefined;
    }
    case "remove-certificate": {
      const all = [...rows.certificates.values()];
      const { mailbox, name } = change;
      const there = all.find((one) => one.mailbox === mailbox && one.name === name);
      if (there === undefined) return `there is no certificate "${name}"`;
      rows.certificates.delete(there.key);
      return undefined;
    }
    case "allow-sender":
    case "deny-sender":
      return changeSenderGrant(change, rows);
    case "add-dkim-keys":
      return addDkimKeys(change.domain, change.keys, rows);
    case "turn-dkim-keys":
      return turnDkimKeys(change.domain, change.retiredUntil, rows);
    case "set-alias":
      rows.aliases.set(`${change.alias.local}@${change.alias.domain}`, change.alias);
      return undefined;
    case "remove-alias": {
      const address = `${change.local}@${change.domain}`;
      return rows.aliases.delete(address) ? undefined : `there is no alias ${address}`;
    }
    case "add-peer":
    case "set-peer":
      return setPeer(change, rows);
    case "remove-peer":
      return rows.peers.delete(change.name) ? undefined : `there is no peer ${change.name}`;
    case "make-peer-authority":
      if (rows.peerAuthorities.length > 0) return "there is an authority for peers already";
      rows.peerAuthorities.push(change.authority);
      return undefined;
  }
}

function addDkimKeys(
  domain: Domain,
  keys: readonly DkimKey[],
  { domains, dkimKeys }: Rows,
): string | undefined {
  if (!domains.has(domain)) return `there is no domain ${domain}`;
  const there = dkimKeys.get(domain) ?? [];
  if (there.some(({ state }) => state === "published"))
    return `${domain} has new DKIM keys already that do not sign yet; finish that rotation first`;
  const state = there.some((one) => one.state === "signing") ? "published" : "signing";
  const added = keys.map((one): DkimKeyEntry => ({ ...one, state, createdAt: 0 }));
  dkimKeys.set(domain, [...there, ...added]);
  return undefined;
}

function turnDkimKeys(
  domain: Domain,
  publishedUntil: number,
  { dkimKeys }: Rows,
): string | undefined {
  const there = dkimKeys.get(domain) ?? [];
  if (!there.some(({ state }) => state === "published"))
    return `${domain} has no new DKIM keys; begin a rotation first`;
  const turned = there.map((one): DkimKeyEntry => {
    if (one.state === "retired") return one;
    if (one.state === "published") return { ...one, state: "signing" };
    return { ...one, state: "retired", publishedUntil };
  });
  dkimKeys.set(domain, turned);
  return undefined;
}

function setPeer(
  { kind, peer, expiresAt }: DirectoryChange & { readonly kind: "add-peer" | "set-peer" },
  { peers }: Rows,
): string | undefined {
  const there = peers.get(peer.name);
  if (kind === "add-peer" && there !== undefined) return `there is already a peer ${peer.name}`;
  if (kind === "set-peer" && there === undefined) return `there is no peer ${peer.name}`;
  const { createdAt = 0, expiresAt: before, lastSeen } = there ?? {};
  const ends = expiresAt ?? before;
  peers.set(peer.name, {
    ...peer,
    createdAt,
    ...(ends !== undefined && { expiresAt: ends }),
    ...(lastSeen !== undefined && { lastSeen }),
  });
  return undefined;
}

function setMailbox(
  change: DirectoryChange & { readonly kind: "set-mailbox" },
  { mailboxes, verifiers }: Rows,
): string | undefined {
  const { id, verifier, scramVerifier, quotaOctets, disabled, sendingFactor } = change;
  const there = mailboxes.get(id);
  if (there === undefined) return "there is no such mailbox";
  const { quotaOctets: before, sendingFactor: factorBefore, ...rest } = there;
  const factor = sendingFactor === undefined ? factorBefore : (sendingFactor ?? undefined);
  const quota = quotaOctets === undefined ? before : (quotaOctets ?? undefined);
  mailboxes.set(id, {
    ...rest,
    disabled: disabled ?? rest.disabled,
    ...(quota !== undefined && { quotaOctets: quota }),
    ...(factor !== undefined && { sendingFactor: factor }),
  });
  if (verifier !== undefined) verifiers.set(id, { verifier, scramVerifier });
  return undefined;
}

function changeSenderGrant(
  { kind, mailbox, sender }: DirectoryChange & { readonly kind: "allow-sender" | "deny-sender" },
  { senderGrants }: Rows,
): string | undefined {
  const there = senderGrants.get(mailbox) ?? [];
  const others = there.filter(
    ({ local, domain }) => local !== sender.local || domain !== sender.domain,
  );
  const isThere = others.length < there.length;
  if (isThere !== (kind === "deny-sender"))
    return `${sender.local ?? ""}@${sender.domain} ${isThere ? "is granted already" : "was not granted"}`;
  senderGrants.set(mailbox, isThere ? others : [...others, sender]);
  return undefined;
}
