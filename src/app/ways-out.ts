/** By which next hop mail leaves. */
import type { Config } from "../config/index.ts";
import {
  nextHop,
  withGateways,
  type AddressAbroad,
  type RelayRoutes,
} from "../policy/routing/index.ts";
import { openRoutes } from "../service/delivery/index.ts";

/** The operator's routes; a gateway's mail goes to its inner host. Throws an OperatorError for a password that cannot be read. */
export function siteRoutes(
  { routes, relay }: Config,
  path: (relative: string) => string,
): RelayRoutes {
  return withGateways(openRoutes(routes, path), relay.domains);
}

/** The queue's key: what has the same one can go together. */
export function destinationOf({ domain }: AddressAbroad, routes: RelayRoutes): string {
  return nextHop(domain, routes).key;
}
