/**
 * Whether a server may be tested: what its owner shows about it, in the DNS, on his web server, in its greeting. Asked of strangers alone,
 * one after the other, and no more than is needed: who says no in the DNS, or is on the local list, is not connected to.
 */
import { isFullyQualified, parseDomain, parseIp, type Domain, type Ip } from "../mail/index.ts";
import { fetchHttpFile } from "../net/index.ts";
import {
  consentToken,
  greetingOf,
  hasDecided,
  isNear,
  judgeConsent,
  optedOut,
  type Consent,
  type Endpoint,
  type Machine,
  type OptOuts,
  type Shown,
  type TestMemory,
} from "../operate/tester/index.ts";
import { latin1 } from "../protocol/dialogue/index.ts";
import { nameOfDomain, parseName, type Resolver } from "../protocol/dns/index.ts";
import { OperatorError } from "../runtime/index.ts";

const HTTP_TIME_MS = 5000;
const HTTP_OCTETS_LIMIT = 4096;
const PATH = "/.well-known/gatepost-test";
const DAY_MS = 86_400_000;

export interface ConsentAsked {
  /** The host, the address or the domain that is to be tested. */
  readonly about: Domain | Ip;
  readonly endpoints: readonly Endpoint[];
  readonly mine: boolean;
  /** The tester's domain. */
  readonly tester: Domain;
  readonly optOuts: OptOuts;
  readonly dailyCap: number;
}

export interface ConsentWorld {
  readonly machine: Machine;
  readonly resolver: Resolver;
  readonly memory: Pick<TestMemory, "testsSince">;
}

/** Throws an OperatorError where the DNS does not say whether the owner wants it. */
export async function askConsent(
  { about, endpoints, mine, tester, optOuts, dailyCap }: ConsentAsked,
  { machine, resolver, memory }: ConsentWorld,
): Promise<Consent> {
  const strangers = endpoints.filter(({ ip }) => !isNear(ip));
  const [first] = strangers;
  const names = [...new Set([about, ...strangers.flatMap(({ host }) => host ?? [])])];
  const ips = strangers.map(({ ip }) => ip);
  const named = optedOut(optOuts, names, ips);
  const today = await memory.testsSince(about, machine.clock.now() - DAY_MS);
  const token = consentToken(tester, about);
  const shown: Shown[] = [];
  if (first !== undefined && named === undefined && today < dailyCap) {
    for (const name of names) shown.push(...(await inDns(name, resolver)));
    const suffices = (): boolean => mine || hasDecided(shown, token);
    if (!suffices()) shown.push(...(await inWeb(about, resolver)));
    if (!suffices()) shown.push(...(await inGreeting(first, machine)));
  }
  return judgeConsent({
    target: about,
    endpoints,
    mine,
    token,
    shown,
    ...(named !== undefined && { optedOut: named }),
    today,
    dailyCap,
  });
}

/** Nobody has said yes as long as nobody knows whether he has said no. Of an address there is no record. */
async function inDns(host: string, resolver: Resolver): Promise<readonly Shown[]> {
  const name = parseName(`_gatepost-test.${host}`);
  const domain = parseDomain(host);
  if (name === undefined || domain === undefined || !isFullyQualified(domain)) return [];
  const found = await resolver.resolve(name, "TXT");
  if (found.kind === "failed")
    throw new OperatorError(
      `whether ${host} may be tested its owner can say in the TXT record of ${name}, and the DNS does not answer (${found.why}): nothing was tested; try again later`,
    );
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
