/**
 * The way to the inner host of a domain: its socket, or its addresses one after the other until one takes the connection. Private and
 * loopback addresses are what such hosts have, and an operator has named it; only a port of our own is none, for it would
 * ask us, and we it.
 */
import type { Config } from "../config/index.ts";
import { parseDomain, parseIp, type Ip } from "../mail/index.ts";
import type { Endpoint, NetDialler } from "../net/index.ts";
import type { InnerHost } from "../policy/routing/index.ts";
import { nameOfDomain, type Resolver } from "../protocol/dns/index.ts";
import type { Clock, Log } from "../runtime/index.ts";
import { callout, RecipientVerifier, type CalloutDeps } from "../service/receive/index.ts";

/** Built of a configuration: whom the inner hosts of its domains know. */
export function recipientVerifier(
  { relay, hostname }: Config,
  deps: Omit<InnerHostDeps, "connectMs"> & { readonly clock: Clock; readonly log: Log },
): RecipientVerifier {
  const timeMs = relay.question_seconds * 1000;
  const reach = innerHosts({ ...deps, connectMs: timeMs / 2 }); // one silent address leaves time for another
  const deadline = (ms: number): AbortSignal => AbortSignal.timeout(ms);
  const { clock, log } = deps;
  return new RecipientVerifier({
    settings: relay,
    callout: callout({ hostname, reach, timeMs, deadline }),
    clock,
    log,
  });
}

export interface InnerHostDeps {
  readonly dialler: Pick<NetDialler, "connect" | "converse">;
  readonly resolver: Resolver;
  /** One of our own listeners is there. */
  isOurs(ip: Ip, port: number): boolean;
  /** For the handshake of TCP with one address, milliseconds. */
  readonly connectMs: number;
}

/** Resolves when the connection is gone; to words where there never was one. */
export function innerHosts(deps: InnerHostDeps): CalloutDeps["reach"] {
  return async (inner, open, signal) => {
    const endpoints = await endpointsOf(inner, deps.resolver);
    if (typeof endpoints === "string") return endpoints;
    let problem = "it has no address";
    for (const endpoint of endpoints) {
      if ("ip" in endpoint && deps.isOurs(endpoint.ip, endpoint.port))
        return `${endpoint.ip} port ${endpoint.port} is this server itself`;
      const result = await deps.dialler.connect(endpoint, { timeMs: deps.connectMs, signal });
      if (result.kind === "connected") {
        const gone = Promise.withResolvers<undefined>();
        const dialled = deps.dialler.converse(result, {
          tls: "when asked",
          opportunistic: true,
          open,
          gone: () => gone.resolve(undefined),
        });
        signal.addEventListener("abort", () => dialled.destroy());
        return gone.promise;
      }
      problem = "ip" in endpoint ? `${endpoint.ip}: ${result.why}` : result.why;
    }
    return problem;
  };
}

async function endpointsOf(
  inner: InnerHost,
  resolver: Resolver,
): Promise<readonly Endpoint[] | string> {
  if ("socket" in inner) return [{ socket: inner.socket }];
  const ips = await addressesOf(inner.host, resolver);
  return typeof ips === "string" ? ips : ips.map((ip) => ({ ip, port: inner.port }));
}

/** Those of a name, IPv4 first: an inner network without IPv6 has no way there, one without IPv4 is rare. */
async function addressesOf(host: string, resolver: Resolver): Promise<readonly Ip[] | string> {
  const ip = parseIp(host);
  if (ip !== undefined) return [ip];
  const domain = parseDomain(host);
  if (domain === undefined) return `"${host}" is no name of a host`; // the schema has just read it
  const name = nameOfDomain(domain);
  const found = await Promise.all([resolver.resolve(name, "A"), resolver.resolve(name, "AAAA")]);
  const ips = found.flatMap((one) => (one.kind === "found" ? one.records : []));
  if (ips.length > 0) return ips;
  const failed = found.find((one) => one.kind === "failed");
  return failed === undefined ? `${host} has no address` : `${host}: the DNS says ${failed.why}`;
}
