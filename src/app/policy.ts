/** The relay policy of a site: its directory seen by routing, its stages. The server, the proof and the tests build it here. */
import type { Config } from "../config/index.ts";
import {
  formatAddress,
  localKey,
  parseAddress,
  type Domain,
  type Ip,
  type Peer,
} from "../mail/index.ts";
import {
  stages,
  type Admission,
  type GrantWorld,
  type OriginActions,
  type Greylist,
  type KnowsToken,
  type Lists,
  type Rates,
  type SenderDirectory,
  type SendingDeps,
  type SpreadCounts,
  type JudgingStages,
  type TrustedNetwork,
  type VerifyRecipient,
} from "../policy/checks/index.ts";
import {
  dayOf,
  forwardedReversePath,
  readReturn,
  returnKey,
  Routing,
  type RoutingDirectory,
} from "../policy/routing/index.ts";
import type { Clock } from "../runtime/index.ts";
import type { WaysOut } from "../service/receive/index.ts";
import { gatewayHosts } from "./gateways.ts";
import { postmasterMailbox } from "./postmaster.ts";
import { testDomain } from "./test-returns.ts";

export interface SitePolicy {
  readonly routing: Pick<Routing, "route" | "leadsTo">;
  readonly stages: JudgingStages;
  trustedNetwork(ip: Ip): string | undefined;
  readonly returnPath: WaysOut["returnPath"];
  readonly isGatewayDomain: WaysOut["isGatewayDomain"];
}

/** What policy reads of a site's directory. */
export interface SiteDirectory extends RoutingDirectory, Pick<SenderDirectory, "senderGrants"> {
  peer(name: string): Peer | undefined;
}

/** Whom the policy asks, besides directory and configuration. */
export interface PolicyWorld {
  readonly clock: Clock;
  /** The store's, of which the key of return addresses is made. */
  readonly secret: Uint8Array;
  readonly verifyRecipient: VerifyRecipient;
  /** Whether a relay test of this site awaits what carries this token. */
  readonly knowsToken: KnowsToken;
  /** The entry of `relay.networks` that holds an address and may be trusted now. */
  trusted(ip: Ip): TrustedNetwork | undefined;
  readonly spread: SpreadCounts;
  readonly counter: SendingDeps["counter"];
  /** Absent: no list is asked. */
  readonly lists?: Lists;
  /** Absent: networks may send what they like, and nobody is greylisted. */
  readonly rates?: Rates;
  readonly greylist?: Greylist;
}

/** What the server runs on and what is proved are built by the same function; tests of the proof hand in broken ones. */
export type BuildPolicy = (
  directory: SiteDirectory,
  config: Config,
  world: PolicyWorld,
) => SitePolicy;

export const sitePolicy: BuildPolicy = (directory, config, world) => {
  const { clock, secret, verifyRecipient, spread, counter, lists, rates, greylist } = world;
  const gateways = gatewayHosts(config);
  const tests = testDomain(config);
  const relayReports = config.suspects?.address;
  const key = returnKey(secret);
  const routing = new Routing({
    directory,
    postmaster: () => postmasterMailbox(config, directory),
    gateways,
    returns: { read: (name, domain) => readReturn(name, domain, [key], dayOf(clock.now())) },
    ...(tests !== undefined && { tests }),
    ...(relayReports !== undefined && { relayReports }),
  });
  const senders: SenderDirectory = {
    route: (recipient) => routing.route(recipient),
    senderGrants: (mailbox) => directory.senderGrants(mailbox),
  };
  return {
    routing,
    stages: stages({
      hops: config.limits.hops,
      verifyRecipient,
      knowsToken: world.knowsToken,
      spread,
      sending: { senders, counter },
      origin: originActions(config),
      admission: admissionOf(config),
      ...(lists !== undefined && { lists }),
      relayReports: relayReports !== undefined,
      ...(rates !== undefined && { rates }),
      ...(greylist !== undefined && { greylist }),
    }),
    trustedNetwork: (ip) => world.trusted(ip)?.network.text,
    returnPath: (sender, alias) => {
      const path = forwardedReversePath(sender, {
        domain: domainOf(alias),
        key,
        today: dayOf(clock.now()),
        isOurs: (domain) =>
          gateways.has(domain) ||
          directory.domain(domain) !== undefined ||
          domain === tests?.domain,
      });
      return path === null ? "" : formatAddress(path);
    },
    isGatewayDomain: (domain) => gateways.has(domain),
  };
};

/** What follows from where strangers' mail comes from. */
function originActions({ authentication }: Config): OriginActions {
  const { spf, dkim, dmarc, iprev, dns_failure: dnsFailure } = authentication;
  return { spf, dkim, dmarc, iprev, dnsFailure, trustedSealers: authentication.trusted_sealers };
}

function admissionOf({ admission }: Config): Admission {
  const { observe, ...rest } = admission;
  return { ...rest, ...(observe !== undefined && { observe }) };
}

/** The present of a site, as grants are held against it. */
export function grantWorld(
  directory: Pick<SiteDirectory, "mailbox" | "peer">,
  config: Config,
  { routing }: SitePolicy,
): GrantWorld {
  const gateways = gatewayHosts(config);
  return {
    login: (address) => {
      const { local, domain } = partsOf(address);
      const mailbox = directory.mailbox(localKey(local), domain);
      return mailbox === undefined ? "gone" : mailbox.disabled ? "disabled" : "open";
    },
    isTrustedNetwork: (network) =>
      config.relay.networks.some((entry) => entry.network.text === network),
    isGatewayDomain: (domain) => gateways.has(domain),
    peer: (name) => directory.peer(name),
    leadsTo: (via, address) => routing.leadsTo(via, address),
  };
}

function domainOf(address: string): Domain {
  return partsOf(address).domain;
}

/** Of an address that was made here. */
function partsOf(text: string): { readonly local: string; readonly domain: Domain } {
  const address = parseAddress(text);
  if (typeof address === "string" || address.host.kind === "literal")
    throw new Error(`${text} is no address of a domain`);
  return { local: address.local, domain: address.host.domain };
}
