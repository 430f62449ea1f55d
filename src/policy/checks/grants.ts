/**
 * Grants: what the decision table allows, made into the right to leave; and what a queue has kept of one, held against
 * the present. A grant is for one address abroad at a time, and says on whose strength it may be sent to.
 */
import {
  parseAddress,
  status,
  type Domain,
  type GrantBasis,
  type Peer,
  type RelayGrant,
  type ReversePath,
  type Status,
  type StoredGrant,
} from "../../mail/index.ts";
import type { AddressAbroad, Route } from "../routing/index.ts";
import { clientClass, type Client } from "./client.ts";
import { decide } from "./decision-table.ts";
import { makeGrant } from "./grant-maker.ts";
import { hasPair } from "./peer.ts";
import type { VerifiedSender } from "./verified-sender.ts";

export interface GrantedAddress {
  readonly abroad: AddressAbroad;
  readonly grant: RelayGrant;
}

/** For the addresses abroad of a recipient; none where the table does not relay. */
export function grantsFor(
  client: Client,
  route: Route,
  reversePath: ReversePath,
  decision: typeof decide = decide,
): readonly GrantedAddress[] {
  const decided = decision(clientClass(client), route.recipient);
  if (decided.kind !== "relay") return [];
  const covered = ({ domain }: AddressAbroad): boolean =>
    decided.basis !== "peer" || hasPair(client.peer, reversePath, domain);
  return route.abroad.filter(covered).map((abroad) => ({
    abroad,
    grant: makeGrant(decided.basis, holderOf(decided.basis, client, abroad), abroad.domain),
  }));
}

/** A basis without its holder is our bug: nobody could say later why this mail left. */
function holderOf(basis: GrantBasis, client: Client, { via }: AddressAbroad): string {
  const holder = ownHolder(basis, client) ?? via;
  if (holder === undefined) throw new Error(`a grant by ${basis} that nobody holds`);
  return holder;
}

function ownHolder(basis: GrantBasis, { login, network, peer }: Client): string | undefined {
  if (basis === "login") return login;
  if (basis === "network") return network;
  return basis === "peer" ? peer?.name : undefined;
}

/** The present, as far as grants depend on it. */
export interface GrantWorld {
  /** Of a mailbox, by its address. */
  login(address: string): "open" | "disabled" | "gone";
  isTrustedNetwork(network: string): boolean;
  isGatewayDomain(domain: Domain): boolean;
  /** Undefined where there is none of the name. */
  peer(name: string): Peer | undefined;
  /** The address of ours leads to the one abroad: an alias, or a forward's return, whatever its age. */
  leadsTo(via: string, address: string): boolean;
}

/** Of what waits, in wire form without brackets; "" is the null path. */
export interface WaitingPaths {
  readonly reversePath: string;
  readonly forwardPath: string;
}

/**
 * The grant again, before a recipient is sent to; or why there is none any more. What earned it when the mail was
 * accepted must be there still: whoever takes a login, a network, a gateway, a peer or an alias away closes this way too.
 */
export function renewGrant(
  grant: StoredGrant,
  paths: WaitingPaths,
  world: GrantWorld,
): RelayGrant | Status {
  const { basis, holder, domain } = grant;
  if (!paths.forwardPath.endsWith(`@${domain}`)) return NOT_COVERED;
  const standing = standingOf(grant, paths, world);
  return standing === undefined ? makeGrant(basis, holder, domain) : standing;
}

/** A notification of our own, to where an address or domain of ours leads; undefined where none does. */
export function ownNotificationGrant(
  hostname: Domain,
  { domain, via }: AddressAbroad,
): RelayGrant | undefined {
  return via === undefined ? undefined : makeGrant("own-notification", hostname, domain);
}

/** A notification of our own, to somebody elsewhere: never without what shows that he is the sender. */
export function strangerNotificationGrant(
  hostname: Domain,
  { address: { host } }: VerifiedSender,
): RelayGrant | undefined {
  return host.kind === "domain" ? makeGrant("own-notification", hostname, host.domain) : undefined;
}

/** Undefined: it stands. */
function standingOf(
  { basis, holder, domain }: StoredGrant,
  { reversePath, forwardPath: address }: WaitingPaths,
  world: GrantWorld,
): Status | undefined {
  switch (basis) {
    case "login":
      return LOGINS[world.login(holder)];
    case "network":
      return world.isTrustedNetwork(holder) ? undefined : gone("its network is no longer trusted");
    case "route":
      return world.isGatewayDomain(domain)
        ? undefined
        : gone("its domain is no longer served here");
    case "alias":
    case "return":
      return world.leadsTo(holder, address) ? undefined : gone(`${holder} no longer leads there`);
    case "own-notification":
      return undefined;
    case "peer":
      return hasPair(world.peer(holder), pathOf(reversePath), domain)
        ? undefined
        : gone(`peer ${holder} may no longer send from its sender's domain to this one`);
  }
}

/** What is no address is nobody's, as the null path is. */
function pathOf(text: string): ReversePath {
  const address = parseAddress(text);
  return typeof address === "string" ? null : address;
}

const SOURCE = "policy/grant";

function gone(why: string): Status {
  return status(550, "5.7.1", `relaying denied: what allowed it is gone: ${why}`, SOURCE);
}

const NOT_COVERED = status(
  550,
  "5.7.1",
  "relaying denied: the grant is for another domain",
  SOURCE,
);

const LOGINS: Readonly<Record<ReturnType<GrantWorld["login"]>, Status | undefined>> = {
  open: undefined,
  disabled: status(450, "4.7.1", "the sender's mailbox is disabled at the moment", SOURCE),
  gone: gone("the sender's mailbox does not exist any more"),
};
