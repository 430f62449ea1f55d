/**
 * What sends: the queue at work, and delivery for it. It begins when the ports are open, and goes by the configuration and
 * the policy that are in force at each attempt.
 */
import type { Config } from "../config/index.ts";
import { parseAddress, type Address, type Domain, type Ip } from "../mail/index.ts";
import { ownNotificationGrant, renewGrant } from "../policy/checks/index.ts";
import type { RelayRoutes } from "../policy/routing/index.ts";
import type { Resolver } from "../protocol/dns/index.ts";
import type { Clock, Log, Random } from "../runtime/index.ts";
import { openDelivery } from "../service/delivery/index.ts";
import type { Signing } from "../service/signing/index.ts";
import { openQueue, type NotificationRoute, type QueueRunner } from "../service/queue/index.ts";
import type { Store, WhomToTell } from "../store/index.ts";
import { grantWorld, type SitePolicy } from "./policy.ts";
import { destinationOf } from "./ways-out.ts";
import { systemTimer } from "./timer.ts";

/** What is in force, whenever it is asked. */
export interface Present {
  readonly config: Config;
  readonly policy: SitePolicy;
  readonly routes: RelayRoutes;
}

export interface OutboundDeps {
  readonly store: Store;
  readonly resolver: Resolver;
  readonly signing: Signing;
  /** One of our listeners is there. */
  readonly isOwnPort: (ip: Ip, port: number) => boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  present(): Present;
}

/** Begins at once. */
export function openOutbound(deps: OutboundDeps): QueueRunner {
  const { store, resolver, signing, isOwnPort, clock, random, log } = deps;
  const present = (): Present => deps.present();
  const { config } = present();
  const delivery = openDelivery(config.delivery, {
    resolver,
    clock,
    random,
    log,
    hostname: config.hostname,
    routes: () => present().routes,
    isOwnAddress: isOwnPort,
    stsPolicies: store.stsPolicies,
    tlsResults: store.tlsResults,
  });
  return openQueue(() => present().config.queue, {
    queue: store.queue,
    messages: store,
    delivery,
    policy: {
      renewGrant: (row) => {
        const { config: now, policy } = present();
        return renewGrant(row.grant, row, grantWorld(store.directory, now, policy));
      },
      ownNotificationGrant: (forwardPath) => {
        const domain = domainOf(forwardPath);
        return domain && ownNotificationGrant(present().config.hostname, domain);
      },
      route: (address, tell) => notificationRoute(address, tell, present()),
    },
    site: () => {
      const { hostname, postmaster } = present().config;
      return { hostname, postmaster };
    },
    signing,
    clock,
    random,
    timer: systemTimer,
    log,
  });
}

/** Where a report for an address goes; for a mailbox here that is full or disabled too. */
function notificationRoute(
  address: Address,
  tell: WhomToTell,
  { policy, routes }: Present,
): NotificationRoute {
  const { recipient, mailboxes, abroad } = policy.routing.route({
    forwardPath: address,
    sourceRoute: false,
  });
  const proved = recipient === "foreign domain" && tell === "proved sender";
  const leaves = recipient === "alias abroad" || recipient === "gateway recipient" || proved;
  return {
    mailboxes: mailboxes.map(({ id }) => id),
    abroad: leaves
      ? abroad.map((one) => ({
          forwardPath: one.address,
          destination: destinationOf(one, routes),
        }))
      : [],
  };
}

function domainOf(text: string): Domain | undefined {
  const address = parseAddress(text);
  if (typeof address === "string" || address.host.kind === "literal") return undefined;
  return address.host.domain;
}
