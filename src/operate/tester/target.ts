/**
 * Which server is meant, and where it is: a host, an address, or the mail servers of a domain; each of their addresses at each
 * port that was chosen. What is no target is said in words.
 */
import { isFullyQualified, parseDomain, parseIp, type Domain, type Ip } from "../../mail/index.ts";
import { nameOfDomain, ROOT, type DnsName, type Resolver } from "../../protocol/dns/index.ts";
import { OperatorError } from "../../runtime/index.ts";
import type { Endpoint } from "./machine.ts";

/** TLS from the first octet (RFC 8314 §3.3); at any other port where the target is written `smtps://`. */
const SUBMISSIONS_PORT = 465;

/** Endpoints of one test; a longer list is cut, and that is said. */
export const ENDPOINTS_LIMIT = 20;

export type Target =
  | {
      readonly kind: "host";
      readonly host: Domain | Ip;
      readonly port?: number;
      /** It was written `smtps://`. */
      readonly implicitTls?: true;
    }
  /** The servers of its MX records. */
  | { readonly kind: "domain"; readonly domain: Domain };

/** What a test is about, in one form however the target was written: by it consent is asked for, and tests are counted. */
export function aboutOf(target: Target): Domain | Ip {
  return target.kind === "host" ? target.host : target.domain;
}

/**
 * Reads `HOST`, `HOST:PORT`, an IPv4 address, or an IPv6 address, in brackets where a port follows; before it `smtps://` where TLS comes
 * first, at port 465 unless another is named. Throws an OperatorError.
 */
export function parseTarget(text: string): Target {
  const { 1: scheme, 2: place = "" } = /^(smtps:\/\/)?(.*)$/s.exec(text) ?? [];
  const { name, port = scheme === undefined ? undefined : SUBMISSIONS_PORT } = apart(place);
  const host = parseIp(name) ?? parseHostName(name) ?? localhost(name);
  if (host === undefined) throw noTarget(text);
  return {
    kind: "host",
    host,
    ...(port !== undefined && { port }),
    ...(scheme !== undefined && { implicitTls: true }),
  };
}

const LOCALHOST = "localhost";

function localhost(name: string): Domain | undefined {
  const domain = parseDomain(name);
  return domain === LOCALHOST ? domain : undefined;
}

/** A fully qualified name in its canonical form, whether it is written with the root's dot or without. */
export function parseHostName(text: string): Domain | undefined {
  const domain = parseDomain(text.replace(/\.$/, ""));
  return domain !== undefined && isFullyQualified(domain) ? domain : undefined;
}

function apart(text: string): { readonly name: string; readonly port?: number } {
  const bracketed = /^\[([^\]]*)\](?::([0-9]{1,5}))?$/.exec(text);
  const [, name = "", port] =
    bracketed ?? (parseIp(text) === undefined ? /^([^:]*):([0-9]{1,5})$/.exec(text) : null) ?? [];
  if (name === "") return { name: text };
  if (port === undefined) return { name };
  return { name, port: parsePort(port, text) };
}

function parsePort(digits: string, text: string): number {
  const port = Number(digits);
  if (port >= 1 && port <= 65_535) return port;
  throw new OperatorError(`${text}: there is no port ${digits}; expected 1 to 65535`);
}

function noTarget(text: string): OperatorError {
  return new OperatorError(
    `"${text}" is no server; expected a host name or an address, with a port where it is not 25: mx.example.org, mx.example.org:587, 192.0.2.1, [2001:db8::1]:25; smtps:// before it where TLS comes first`,
  );
}

/** "25,587" → ports; throws an OperatorError. */
export function parsePorts(text: string): readonly number[] {
  const ports = text.split(",").map((digits) => {
    if (!/^[0-9]{1,5}$/.test(digits))
      throw new OperatorError(`"${text}" are no ports; expected some such as 25,465,587,2525`);
    return parsePort(digits, text);
  });
  return [...new Set(ports)];
}

export interface Found {
  /** In the order in which they are tested. */
  readonly endpoints: readonly Endpoint[];
  /** What could not be looked up, or was left out, in words. */
  readonly problems: readonly string[];
}

/** Every address of the target at each of the ports; a port that the target names is the only one. */
export async function findEndpoints(
  target: Target,
  ports: readonly number[],
  resolver: Resolver,
): Promise<Found> {
  if (target.kind === "domain") return everyServer(target.domain, ports, resolver);
  const chosen = target.port === undefined ? ports : [target.port];
  const { implicitTls } = target;
  const ip = parseIp(target.host);
  if (ip !== undefined)
    return limited(
      chosen.map((port) => endpoint(ip, { port, implicitTls })),
      [],
    );
  const name = target.host as Domain; // it is no address
  const { ips, problems } = await addressesOf(name, resolver);
  return limited(
    ips.flatMap((one) => chosen.map((port) => endpoint(one, { port, implicitTls }, name))),
    problems,
  );
}

async function everyServer(
  domain: Domain,
  ports: readonly number[],
  resolver: Resolver,
): Promise<Found> {
  const found = await resolver.resolve(nameOfDomain(domain), "MX");
  if (found.kind === "failed")
    return {
      endpoints: [],
      problems: [`the DNS does not say which servers ${domain} has (${found.why})`],
    };
  const exchanges =
    found.kind === "found"
      ? found.records
          .filter(({ exchange }) => exchange !== ROOT)
          .toSorted((a, b) => a.preference - b.preference)
          .map(({ exchange }) => exchange)
      : [nameOfDomain(domain)]; // RFC 5321 §5.1: the domain itself
  if (exchanges.length === 0)
    return { endpoints: [], problems: [`${domain} takes no mail (null MX, RFC 7505)`] };
  const hosts = [...new Set(exchanges)];
  const servers = await Promise.all(
    hosts
      .slice(0, ENDPOINTS_LIMIT)
      .map(async (host) => ({ host, ...(await addressesOf(host, resolver)) })),
  );
  const left = hosts.length - servers.length;
  const leftOut =
    left > 0 ? [`${left} servers beyond the first ${ENDPOINTS_LIMIT} were left out`] : [];
  return limited(
    servers.flatMap(({ host, ips }) =>
      ips.flatMap((ip) => ports.map((port) => endpoint(ip, { port }, host))),
    ),
    [...servers.flatMap(({ problems }) => problems), ...leftOut],
  );
}

async function addressesOf(
  name: Domain | DnsName,
  resolver: Resolver,
): Promise<{ readonly ips: readonly Ip[]; readonly problems: readonly string[] }> {
  // RFC 6761 §6.3: never asked for
  if (name === LOCALHOST)
    return { ips: ["127.0.0.1", "::1"].flatMap((a) => parseIp(a) ?? []), problems: [] };
  const asked = name as DnsName; // a domain name is one
  const [a, aaaa] = await Promise.all([
    resolver.resolve(asked, "A"),
    resolver.resolve(asked, "AAAA"),
  ]);
  const ips = [a, aaaa].flatMap((one) => (one.kind === "found" ? one.records : []));
  const failed = [a, aaaa].flatMap((one) => (one.kind === "failed" ? [one.why] : []));
  const problems = failed.map((why) => `the DNS does not say all addresses of ${name} (${why})`);
  if (ips.length === 0 && failed.length === 0) problems.push(`${name} has no address`);
  return { ips: [...new Set(ips)], problems };
}

function endpoint(
  ip: Ip,
  { port, implicitTls }: { readonly port: number; readonly implicitTls?: true | undefined },
  host?: string,
): Endpoint {
  return {
    ip,
    port,
    implicitTls: implicitTls ?? port === SUBMISSIONS_PORT,
    ...(host !== undefined && { host }),
  };
}

function limited(endpoints: readonly Endpoint[], problems: readonly string[]): Found {
  if (endpoints.length <= ENDPOINTS_LIMIT) return { endpoints, problems };
  const left = endpoints.length - ENDPOINTS_LIMIT;
  return {
    endpoints: endpoints.slice(0, ENDPOINTS_LIMIT),
    problems: [...problems, `${left} endpoints beyond the first ${ENDPOINTS_LIMIT} were left out`],
  };
}
