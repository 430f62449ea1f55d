/**
 * Every way by which mail leaves this site: who may send it, why, and where to. For `gatepost check`: an operator who reads
 * this list has seen all of it, so it is made of the same settings and the same directory that the decision goes by.
 */
import type { Config } from "../config/index.ts";
import { formatLocalPart, parseAddress, type PeerTrust } from "../mail/index.ts";
import {
  formatInnerHost,
  RETURN_DAYS,
  routeText,
  withGateways,
  type InnerHost,
  type RelayRoute,
} from "../policy/routing/index.ts";
import type { RouteSetting } from "../service/delivery/index.ts";
import type { DirectoryReads } from "../store/index.ts";
import { everyAlias } from "./directory-pages.ts";
import { gatewayHosts } from "./gateways.ts";

/** A row of that list; in words, because it is read and not worked with. */
export interface RelayEdge extends Readonly<Record<string, string | readonly string[]>> {
  readonly who: string;
  readonly why: string;
  readonly to: string | readonly string[];
}

const ANYWHERE = "anywhere";

export function relayEdges(config: Config, directory: DirectoryReads): readonly RelayEdge[] {
  const { relay } = config;
  const aliases = aliasEdges(config, directory);
  return [
    {
      who: "whoever logs in",
      why: "has shown a password or a certificate of a mailbox here",
      to: ANYWHERE,
    },
    ...relay.networks.map(({ network, reason }) => ({
      who: network.text,
      why: `trusted network: ${reason}`,
      to: ANYWHERE,
    })),
    ...relay.domains.map(({ domain, host }) => ({
      who: "anybody",
      why: `${kindOf(host)}: the mailboxes of ${domain} are there`,
      to: `${domain} at ${formatInnerHost(host)}`,
    })),
    ...peerEdges(directory),
    ...aliases,
    ...(aliases.length === 0 ? [] : [RETURN]),
    {
      who: "this server",
      why: "reports on mail that it accepted",
      to: "its sender, ours or verified",
    },
  ];
}

function kindOf({ protocol }: InnerHost): string {
  return protocol === "lmtp" ? "store that takes LMTP" : "gateway";
}

/** By which host mail leaves: no right to leave, but where it is seen on its way out. */
export interface MailHop extends Readonly<Record<string, string>> {
  readonly for: string;
  readonly by: string;
}

export function mailHops({ relay, routes }: Config): readonly MailHop[] {
  const named = [...routes].map(([domain, route]) => [domain, withoutLogin(route)] as const);
  const all = withGateways(new Map(named), relay.domains);
  const rows = [...all.keys()].filter((domain) => domain !== "*");
  return [...rows.toSorted(), "*" as const].map((domain) => {
    const route = all.get(domain);
    const setting = routes.get(domain);
    const login = setting !== undefined && "login" in setting ? setting.login : undefined;
    const words = route === undefined ? "their own mail servers (MX)" : routeText(route);
    return {
      for: domain === "*" ? "all others" : domain,
      by: login === undefined ? words : `${words}, logged in as ${login.name}`,
    };
  });
}

/** Passwords may still be in files, and are nobody's business here. */
function withoutLogin(route: RouteSetting): RelayRoute {
  if ("socket" in route) return route;
  const { protocol = "smtp", host, port, tls } = route;
  return { protocol, host, port, tls };
}

const RETURN: RelayEdge = {
  who: "anybody, from the null sender",
  why: `a report on what an alias forwarded in the last ${RETURN_DAYS} days`,
  to: "the sender of that",
};

/** Of an alias's target: mail for it is a forward. A gateway's domain is ours, and has a row of its own; nothing leaves for the tester's. */
export function leadsAbroad(
  config: Config,
  directory: Pick<DirectoryReads, "domain">,
): (target: string) => boolean {
  const { tester } = config;
  const gateways = gatewayHosts(config);
  return (target) => {
    const address = parseAddress(target);
    if (typeof address === "string" || address.host.kind === "literal") return false; // leads nowhere
    const { domain } = address.host;
    const isOurs = gateways.has(domain) || domain === tester.domain;
    return !isOurs && directory.domain(domain) === undefined;
  };
}

/** One for each pair: what a peer may do is these, and nothing between the lines. */
function peerEdges(directory: DirectoryReads): readonly RelayEdge[] {
  return directory.peers().flatMap(({ name, trust, relays }) =>
    relays.map(({ sender, recipient }) => ({
      who: `peer ${name}, from ${sender}`,
      why: PEER_TRUST[trust.kind],
      to: recipient,
    })),
  );
}

/** The last one has no pairs. */
const PEER_TRUST: Readonly<Record<PeerTrust["kind"], string>> = {
  pin: "shows a certificate with its pinned key",
  "private authority": "shows a certificate of its private authority",
  "public authority": "shows a certificate of a public authority",
};

function aliasEdges(config: Config, directory: DirectoryReads): readonly RelayEdge[] {
  const abroad = leadsAbroad(config, directory);
  const edges: RelayEdge[] = [];
  for (const { local, domain, targets } of everyAlias(directory)) {
    const to = targets.filter(abroad);
    const who = `anybody, to ${formatLocalPart(local)}@${domain}`;
    if (to.length > 0) edges.push({ who, why: "alias that leads abroad", to });
  }
  return edges;
}
