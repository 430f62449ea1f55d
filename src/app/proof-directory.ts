/**
 * The site's directory as the proof sees it: the real one, and a few names laid over it, so that what the catalogue
 * speaks of (a mailbox with room, a full one, a catch-all, an IDN domain) is there on every site, and the
 * proof's outcome does not hang on whose mailbox happens to be full.
 */
import {
  formatHost,
  localKey,
  parseDomain,
  type Address,
  type Domain,
  type MailboxId,
  type Peer,
  type SenderGrant,
} from "../mail/index.ts";
import type { Gateways, RoutedMailbox } from "../policy/routing/index.ts";
import type { SiteDirectory } from "./policy.ts";
import { everyLaidPeer, laidPeers, type LaidPeers } from "./proof-peers.ts";

/**
 * A domain whose mailboxes are elsewhere and that has an alias here: laid over the site, in its configuration and here. Here with a
 * mailbox and a catch-all too, which no site is let to have, so that the proof sees nobody find them.
 */
export const GATEWAY_WITH_ALIASES = mustBeDomain("aliases.gatepost-proof.invalid");

export class ProofDirectory implements SiteDirectory {
  readonly domainOfOurs: Domain;
  readonly foreign: Domain;
  readonly attacker: Domain;
  readonly international = mustBeDomain("xn--bcher-kva.gatepost-proof.invalid");
  readonly catchAllDomain = mustBeDomain("catch-all.gatepost-proof.invalid");
  readonly user: RoutedMailbox;
  readonly full: RoutedMailbox;
  /** An alias in `domainOfOurs`. */
  readonly aliasAbroad: LaidAlias;
  /** One in `GATEWAY_WITH_ALIASES`. */
  readonly gatewayAlias: LaidAlias;
  /** Whose mail a peer may relay to `foreign`. */
  readonly peerSender: Domain;
  readonly peers: LaidPeers;
  readonly #real: RealDirectory;
  readonly #gateways: Gateways;
  readonly #postmaster: string;
  readonly #overlay: ReadonlyMap<string, RoutedMailbox>;

  /** `gateways`: the domains, laid over or the site's own, that have no mailboxes in any directory. */
  constructor(real: RealDirectory, postmaster: Address, gateways: Gateways) {
    this.#real = real;
    this.#gateways = gateways;
    this.#postmaster = `${localKey(postmaster.local)}@${formatHost(postmaster.host)}`;
    this.domainOfOurs =
      real.domains().find(({ name }) => name.length <= DOMAIN_LIMIT && !gateways.has(name))?.name ??
      mustBeDomain("gatepost-proof.invalid");
    this.foreign = this.#nobodys("far.invalid");
    this.attacker = this.#nobodys("evil.invalid");
    this.peerSender = this.#nobodys("peer.invalid");
    this.peers = laidPeers(this.peerSender, this.foreign);
    this.user = mailbox(-1, "proof-user", this.domainOfOurs);
    this.full = { ...mailbox(-2, "proof-full", this.domainOfOurs), quotaOctets: 1, usedOctets: 1 };
    this.aliasAbroad = { local: "proof-away", target: `proof-target@${this.foreign}` };
    this.gatewayAlias = { local: "proof-off", target: `proof-other@${this.foreign}` };
    const abroad = mailbox(-3, this.user.local, this.international);
    const unseen = mailbox(-4, this.user.local, GATEWAY_WITH_ALIASES);
    this.#overlay = new Map(
      [this.user, this.full, abroad, unseen].map((one) => [addressOf(one), one]),
    );
  }

  domain(name: Domain): { readonly catchAll?: MailboxId } | undefined {
    if (name === this.catchAllDomain || name === GATEWAY_WITH_ALIASES)
      return { catchAll: this.user.id };
    if (name === this.international || name === this.domainOfOurs) return {};
    return this.#real.domain(name);
  }

  mailbox(local: string, domain: Domain): RoutedMailbox | undefined {
    const overlaid = this.#overlay.get(`${local}@${domain}`);
    if (overlaid !== undefined) return overlaid;
    const real = this.#real.mailbox(local, domain);
    return real !== undefined && addressOf(real) === this.#postmaster ? withRoom(real) : real;
  }

  mailboxById(id: MailboxId): RoutedMailbox | undefined {
    return [...this.#overlay.values()].find((one) => one.id === id) ?? this.#real.mailboxById(id);
  }

  alias(local: string, domain: Domain): { readonly targets: readonly string[] } | undefined {
    const { aliasAbroad, gatewayAlias } = this;
    if (local === aliasAbroad.local && domain === this.domainOfOurs)
      return { targets: [aliasAbroad.target] };
    if (local === gatewayAlias.local && domain === GATEWAY_WITH_ALIASES)
      return { targets: [gatewayAlias.target] };
    return this.#real.alias(local, domain);
  }

  peer(name: string): Peer | undefined {
    return everyLaidPeer(this.peers).find((one) => one.name === name) ?? this.#real.peer(name);
  }

  senderGrants(id: MailboxId): readonly SenderGrant[] {
    return this.#real.senderGrants(id);
  }

  /** `local@domain` of a mailbox that a message was deposited into. */
  addressOfId(id: MailboxId): string {
    const found = this.mailboxById(id);
    return found === undefined ? "a mailbox that does not exist" : addressOf(found);
  }

  /** A domain that this site does not serve; short, for the catalogue packs several into one local part. */
  #nobodys(usual: string): Domain {
    let name = mustBeDomain(usual);
    while (this.#real.domain(name) !== undefined || this.#gateways.has(name))
      name = mustBeDomain(`x.${name}`);
    return name;
  }
}

interface LaidAlias {
  readonly local: string;
  readonly target: string;
}

export interface RealDirectory extends SiteDirectory {
  domains(): readonly { readonly name: Domain }[];
}

/** What every read of a directory does while the store is away. */
export function failingDirectory(): SiteDirectory {
  return {
    domain: noAnswer,
    mailbox: noAnswer,
    mailboxById: noAnswer,
    alias: noAnswer,
    peer: noAnswer,
    senderGrants: noAnswer,
  };
}

function noAnswer(): never {
  throw new Error("the directory does not answer");
}

/**
 * Octets of a domain that the catalogue is told about: it packs one into a local part, beside a token and a foreign domain
 * (RFC 5321 §4.5.3.1.1: 64 octets). A site whose domains are all longer is proved with one that is laid over it.
 */
const DOMAIN_LIMIT = 32;

function mailbox(id: number, local: string, domain: Domain): RoutedMailbox {
  // Below zero: no store has such a key.
  return { id: id as MailboxId, local, domain, disabled: false, usedOctets: 0 };
}

function withRoom({ id, local, domain }: RoutedMailbox): RoutedMailbox {
  return { id, local, domain, disabled: false, usedOctets: 0 };
}

function addressOf({ local, domain }: RoutedMailbox): string {
  return `${local}@${domain}`;
}

function mustBeDomain(text: string): Domain {
  const domain = parseDomain(text);
  if (domain === undefined) throw new Error(`${text} is no domain name`);
  return domain;
}
