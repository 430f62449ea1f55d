/**
 * What sends: the queue at work, and delivery for it. It begins when the ports are open, and goes by the configuration and
 * the policy that are in force at each attempt.
 */
import type { Config } from "../config/index.ts";
import type { Address, Ip, RelayGrant } from "../mail/index.ts";
import {
  ownNotificationGrant,
  renewGrant,
  strangerNotificationGrant,
  verifiedSender,
  type VerifiedSender,
} from "../policy/checks/index.ts";
import type { AddressAbroad, RelayRoutes, Route } from "../policy/routing/index.ts";
import type { Resolver } from "../protocol/dns/index.ts";
import type { Clock, Log, Random } from "../runtime/index.ts";
import { openDelivery } from "../service/delivery/index.ts";
import type { Signing } from "../service/signing/index.ts";
import {
  openQueue,
  type NotificationAbroad,
  type NotificationRoute,
  type QueueRunner,
} from "../service/queue/index.ts";
import type { Store } from "../store/index.ts";
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
      verifiedSender,
      route: (address) => notificationRoute(address, present()),
      strangerRoute: (sender) => strangerRoute(sender, present()),
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

/** Where a report for an address goes by what of ours leads there; for a mailbox here that is full or disabled too. */
function notificationRoute(address: Address, present: Present): NotificationRoute {
  const { recipient, mailboxes, abroad } = routeOf(address, present);
  const { hostname } = present.config;
  const leaves = recipient === "alias abroad" || recipient === "gateway recipient";
  return {
    mailboxes: mailboxes.map(({ id }) => id),
    abroad: (leaves ? abroad : []).flatMap((one) =>
      granted(one, ownNotificationGrant(hostname, one), present),
    ),
  };
}

/** Nowhere, should his domain have become one of ours meanwhile. */
function strangerRoute(sender: VerifiedSender, present: Present): NotificationRoute {
  const { recipient, abroad } = routeOf(sender.address, present);
  const grant = strangerNotificationGrant(present.config.hostname, sender);
  const there = recipient === "foreign domain" ? abroad : [];
  return { mailboxes: [], abroad: there.flatMap((one) => granted(one, grant, present)) };
}

function routeOf(forwardPath: Address, { policy }: Present): Route {
  return policy.routing.route({ forwardPath, sourceRoute: false });
}

function granted(
  abroad: AddressAbroad,
  grant: RelayGrant | undefined,
  { routes }: Present,
): readonly NotificationAbroad[] {
  const [forwardPath, destination] = [abroad.address, destinationOf(abroad, routes)];
  return grant === undefined ? [] : [{ forwardPath, destination, grant }];
}
