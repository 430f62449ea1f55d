/**
 * What the owner of a server shows about being tested: in the DNS, on his web server, in its greeting. Asked of strangers alone, one after
 * the other, and no more than is needed: who says no in the DNS is not connected to.
 */
import { isFullyQualified, parseDomain, parseIp } from "../mail/index.ts";
import { fetchHttpFile } from "../net/index.ts";
import {
  greetingOf,
  isNear,
  type Endpoint,
  type Machine,
  type Shown,
} from "../operate/tester/index.ts";
import { latin1 } from "../protocol/dialogue/index.ts";
import { nameOfDomain, parseName, type Resolver } from "../protocol/dns/index.ts";

const HTTP_TIME_MS = 5000;
const HTTP_OCTETS_LIMIT = 4096;
const PATH = "/.well-known/gatepost-test";

/**
 * `name`: the host or the domain that is to be tested; of a bare address only the web server and the greeting can say something. `suffices`:
 * what was found so far says enough.
 */
export async function shownConsent(
  name: string,
  endpoints: readonly Endpoint[],
  machine: Machine,
  resolver: Resolver,
  suffices: (shown: readonly Shown[]) => boolean,
): Promise<readonly Shown[]> {
  const strangers = endpoints.filter(({ ip }) => !isNear(ip));
  const [first] = strangers;
  if (first === undefined) return [];
  const shown = [...(await inDns(name, resolver))];
  if (!suffices(shown)) shown.push(...(await inWeb(name, resolver)));
  if (!suffices(shown)) shown.push(...(await inGreeting(first, machine)));
  return shown;
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
