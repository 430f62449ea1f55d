/** Whom a running site's policy asks: the networks that are trusted now, inner hosts, and what has been sent lately. */
import type { Config } from "../config/index.ts";
import type { Domain, Ip } from "../mail/index.ts";
import { machineFacts, type NetDialler } from "../net/index.ts";
import type { RoutingDirectory } from "../policy/routing/index.ts";
import type { Log, Random } from "../runtime/index.ts";
import { Greylisting, NetworkRates, NetworkSpread } from "../service/receive/index.ts";
import { Sending } from "../service/sending/index.ts";
import type { Store } from "../store/index.ts";
import { recipientVerifier } from "./inner-host.ts";
import { siteLists, type SiteListsDeps } from "./lists.ts";
import { plannedListeners } from "./listeners.ts";
import type { PolicyWorld } from "./policy.ts";
import { postmasterMailbox } from "./postmaster.ts";
import { StoredTests } from "./stored-tests.ts";
import { knowsToken } from "./test-returns.ts";
import { TrustedNetworks } from "./trusted-networks.ts";

export interface PolicyWorldDeps extends SiteListsDeps {
  readonly config: Config;
  readonly store: Store;
  readonly directory: Pick<RoutingDirectory, "domain">;
  readonly dialler: NetDialler;
  readonly isOwnPort: (ip: Ip, port: number) => boolean;
  readonly random: Random;
  readonly log: Log;
}

export function policyWorld(deps: PolicyWorldDeps): PolicyWorld & { readonly sending: Sending } {
  const { config, store, directory, dialler, resolver, isOwnPort, clock, log } = deps;
  const { networks, domains, foreign_spread: limit } = config.relay;
  const proxies = plannedListeners(config).flatMap(({ proxyFrom }) => proxyFrom);
  const trusted = new TrustedNetworks({ networks, proxies, machine: machineFacts, clock, log });
  const isOurs = (domain: Domain): boolean =>
    directory.domain(domain) !== undefined ||
    domains.some((one) => one.domain === domain) ||
    domain === config.tester.domain;
  const verifier = recipientVerifier(config, { dialler, resolver, isOurs: isOwnPort, clock, log });
  const sending = sendingOf(deps);
  const lists = siteLists(config, deps);
  return {
    clock,
    secret: store.directory.secret(),
    verifyRecipient: (address) => verifier.verify(address),
    knowsToken: knowsToken(new StoredTests(store.relayTests, clock)),
    trusted: (ip) => trusted.find(ip),
    spread: new NetworkSpread({ clock, log, limit, isOurs }),
    counter: sending,
    ...(lists !== undefined && { lists }),
    rates: new NetworkRates({ clock, settings: config.rates }),
    ...(config.greylist.enabled && {
      greylist: new Greylisting({ store: store.greylist, settings: config.greylist, clock }),
    }),
    sending,
  };
}

function sendingOf({ config, store, log, clock, random }: PolicyWorldDeps): Sending {
  const { hostname, postmaster: address } = config;
  const mailbox = () => postmasterMailbox(config, store.directory)?.id;
  return new Sending({
    store,
    settings: config.sending,
    hostname,
    postmaster: { address, mailbox },
    clock,
    random,
    log,
  });
}
