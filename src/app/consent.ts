/** What the owner of a server shows about being tested: in the DNS, on his web server, in its greeting. Asked of strangers alone. */
import { isFullyQualified, parseDomain, parseIp } from "../mail/index.ts";
import { fetchHttpFile } from "../net/index.ts";
import { greetingOf, isNear, type Endpoint, type Machine } from "../operate/tester/index.ts";
import { latin1 } from "../protocol/dialogue/index.ts";
import { nameOfDomain, parseName, type Resolver } from "../protocol/dns/index.ts";

export interface Shown {
  readonly where: string;
  readonly text: string;
}

const HTTP_TIME_MS = 5000;
const HTTP_OCTETS_LIMIT = 4096;
const PATH = "/.well-known/gatepost-test";

/** `name`: the host or the domain that is to be tested; of a bare address only the web server and the greeting can say something. */
export async function shownConsent(
  name: string,
  endpoints: readonly Endpoint[],
  machine: Machine,
  resolver: Resolver,
): Promise<readonly Shown[]> {
  const strangers = endpoints.filter(({ ip }) => !isNear(ip));
  const [first] = strangers;
  if (first === undefined) return [];
  const shown = await Promise.all([
    inDns(name, resolver),
    inWeb(name, resolver),
    inGreeting(first, machine),
  ]);
  return shown.flat();
}

async function inDns(host: string, resolver: Resolver): Promise<readonly Shown[]> {
  const name = parseName(`_gatepost-test.${host}`);
  const domain = parseDomain(host);
  if (name === undefined || domain === undefined || !isFullyQualified(domain)) return [];
  const found = await resolver.resolve(name, "TXT");
  if (found.kind !== "found") return [];
  return found.records.map((octets) => ({ where: `the TXT record ${name}`, text: latin1(octets) }));
}

async function inWeb(host: string, resolver: Resolver): Promise<readonly Shown[]> {
  const address = parseIp(host) ?? (await firstAddress(host, resolver));
  if (address === undefined) return [];
  const limits = { timeMs: HTTP_TIME_MS, octetsLimit: HTTP_OCTETS_LIMIT };
  const file = await fetchHttpFile({ ip: address, port: 80, host, path: PATH, ...limits });
  if (file.kind === "failed") return [];
  return [{ where: `http://${host}${PATH}`, text: latin1(file.octets) }];
}

async function firstAddress(host: string, resolver: Resolver) {
  const domain = parseDomain(host);
  if (domain === undefined) return undefined;
  for (const type of ["A", "AAAA"] as const) {
    const found = await resolver.resolve(nameOfDomain(domain), type);
    if (found.kind === "found") return found.records[0];
  }
  return undefined;
}

async function inGreeting(endpoint: Endpoint, machine: Machine): Promise<readonly Shown[]> {
  const text = await greetingOf(endpoint, machine);
  return text === undefined ? [] : [{ where: "its greeting", text }];
}
