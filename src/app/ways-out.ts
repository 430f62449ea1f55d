/** The ways out of this server: by which next hop mail leaves, and as receiving sees them. */
import type { Config } from "../config/index.ts";
import { parseIp, type Domain } from "../mail/index.ts";
import {
  nextHop,
  type AddressAbroad,
  type InnerHost,
  type RelayRoute,
  type RelayRoutes,
} from "../policy/routing/index.ts";
import { nameOfDomain } from "../protocol/dns/index.ts";
import { openRoutes } from "../service/delivery/index.ts";

/** The operator's routes; a gateway's mail goes to its inner host. Throws an OperatorError for a password that cannot be read. */
export function siteRoutes(
  { routes, relay }: Config,
  path: (relative: string) => string,
): RelayRoutes {
  const gateways = relay.domains.map(({ domain, host }): [Domain, RelayRoute] => [
    domain,
    innerRoute(host),
  ]);
  return new Map([...gateways, ...openRoutes(routes, path)]);
}

function innerRoute({ host, port }: InnerHost): RelayRoute {
  const ip = parseIp(host);
  return {
    host:
      ip === undefined
        ? { kind: "name", name: nameOfDomain(host as Domain) } // an inner host that is no address is a name
        : { kind: "address", ip },
    port,
    tls: "opportunistic",
  };
}

/** The queue's key: what has the same one can go together. */
export function destinationOf({ domain }: AddressAbroad, routes: RelayRoutes): string {
  return nextHop(domain, routes).key;
}
