/** The way back of relay tests by this site's own MX: which of its listeners take it, whether they do, and whether the DNS leads there. */
import type { Config } from "../config/index.ts";
import { parseIp, type Domain, type Ip } from "../mail/index.ts";
import {
  doubtOfOwnServer,
  type Endpoint,
  type Machine,
  type WayBack,
} from "../operate/tester/index.ts";
import { nameOfDomain, type Resolver } from "../protocol/dns/index.ts";
import { plannedListeners, type PlannedListener } from "./listeners.ts";

export interface OwnMx {
  readonly hostname: Domain;
  readonly listeners: readonly Endpoint[];
}

/** Those for mail of other servers, as they are reached from this machine; a port that is not fixed nobody can name. */
export function ownMx(
  config: Config,
  planned: readonly PlannedListener[] = plannedListeners(config),
): OwnMx {
  const listeners = planned
    .filter(({ service, port }) => service === "smtp" && port !== 0)
    .flatMap(({ address, port, implicitTls }) => {
      const ip = reachedAt(address);
      return ip === undefined ? [] : [{ ip, port, implicitTls }];
    });
  return { hostname: config.hostname, listeners };
}

function reachedAt(address: string): Ip | undefined {
  const loopback: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };
  return parseIp(loopback[address] ?? address);
}

/** Sends nothing; whatever is in doubt is said, and the test goes on. */
export async function ownWayBack(
  { hostname, listeners }: OwnMx,
  domain: Domain,
  waitMs: number,
  { machine, resolver }: { readonly machine: Machine; readonly resolver: Resolver },
): Promise<WayBack> {
  const name = `mail for ${domain}, which this site takes`;
  const [server, dns] = await Promise.all([
    doubtOfOwnServer(listeners, domain, machine),
    doubtOfDns(hostname, domain, resolver),
  ]);
  const doubts = [server, dns].filter((doubt) => doubt !== undefined);
  return { name, waitMs: server === undefined ? waitMs : 0, ...(doubts.length > 0 && { doubts }) };
}

/** Where nobody knows, nothing is said. */
async function doubtOfDns(
  hostname: Domain,
  domain: Domain,
  resolver: Resolver,
): Promise<string | undefined> {
  const found = await resolver.resolve(nameOfDomain(domain), "MX");
  if (found.kind === "failed") return undefined;
  const others = found.kind === "found" ? found.records.map(({ exchange }) => exchange) : [];
  if (others.includes(nameOfDomain(hostname))) return undefined;
  const instead = others.length === 0 ? "no MX record" : `the MX ${others.join(", ")}`;
  return `in the DNS ${domain} has ${instead}, not ${hostname} (gatepost domain records ${domain}): only servers with a route of their own for it bring anything back`;
}
