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
  NotTested,
  optedOut,
  type Consent,
  type Endpoint,
  type Machine,
  type OptOuts,
  type Shown,
  type TestCause,
  type TestMemory,
} from "../operate/tester/index.ts";
import { latin1 } from "../protocol/dialogue/index.ts";
import { nameOfDomain, parseName, reverseName, type Resolver } from "../protocol/dns/index.ts";

const HTTP_TIME_MS = 5000;
const HTTP_OCTETS_LIMIT = 4096;
const PATH = "/.well-known/gatepost-test";
const DAY_MS = 86_400_000;

/** Names of an address by which its owner may say no. */
const NAMES_LIMIT = 10;

export interface ConsentAsked {
  /** The host, the address or the domain that is to be tested. */
  readonly about: Domain | Ip;
  readonly endpoints: readonly Endpoint[];
  readonly mine: boolean;
  readonly cause?: TestCause;
  /** The tester's domain. */
  readonly tester: Domain;
  readonly optOuts: OptOuts;
  /** Where there is no cause. */
  readonly dailyCap: number;
}

export interface ConsentWorld {
  readonly machine: Machine;
  readonly resolver: Resolver;
  readonly memory: Pick<TestMemory, "testsSince">;
}

/** Throws NotTested where the DNS does not say whether the owner wants it. */
export async function askConsent(
  { about, endpoints, mine, cause, tester, optOuts, ...asked }: ConsentAsked,
  { machine, resolver, memory }: ConsentWorld,
): Promise<Consent> {
  const strangers = endpoints.filter(({ ip }) => !isNear(ip));
  const [first] = strangers;
  const ips = strangers.map(({ ip }) => ip);
  // Whose word is not waited for can say no by the names of his address too.
  const silence: Silence = cause?.unheard === true && (await answers(tester, resolver)) ? "no wish" : "unknown"; // prettier-ignore
  const byAddress = cause === undefined ? [] : await namesOf(ips, resolver, silence);
  const names = [...new Set([about, ...strangers.flatMap(({ host }) => host ?? []), ...byAddress])];
  const named = optedOut(optOuts, names, ips);
  const dailyCap = cause?.dailyCap ?? asked.dailyCap;
  const today = await memory.testsSince(about, machine.clock.now() - DAY_MS);
  const token = consentToken(tester, about);
  const shown: Shown[] = [];
  if (first !== undefined && named === undefined && today < dailyCap) {
    for (const name of names) shown.push(...(await inDns(name, resolver, silence)));
    const suffices = (): boolean => mine || cause !== undefined || hasDecided(shown, token);
    if (!suffices()) shown.push(...(await inWeb(about, resolver)));
    if (!suffices()) shown.push(...(await inGreeting(first, machine)));
  }
  return judgeConsent({
    target: about,
    endpoints,
    mine,
    ...(cause !== undefined && { cause }),
    token,
    shown,
    ...(named !== undefined && { optedOut: named }),
    today,
    dailyCap,
  });
}

/** What it means where the DNS does not answer. */
type Silence = "unknown" | "no wish";

/** About us at least: then it is not our own resolver that is at fault where it is silent about somebody. */
async function answers(tester: Domain, resolver: Resolver): Promise<boolean> {
  return (await resolver.resolve(nameOfDomain(tester), "MX")).kind !== "failed";
}

/** A reverse zone that is broken (SERVFAIL) is the owner's own, and holds no wish of his. */
async function namesOf(
  ips: readonly Ip[],
  resolver: Resolver,
  silence: Silence,
): Promise<readonly string[]> {
  const names: string[] = [];
  for (const ip of new Set(ips)) {
    const found = await resolver.resolve(reverseName(ip), "PTR");
    if (found.kind === "found") names.push(...found.records.slice(0, NAMES_LIMIT));
    if (found.kind === "failed" && found.why !== "servfail" && silence === "unknown")
      throw unknownWish(ip, `by the name of its address, ${reverseName(ip)}`, found.why);
  }
  return names;
}

function unknownWish(host: string, where: string, why: string): NotTested {
  return new NotTested(
    "DNS does not answer",
    `whether ${host} may be tested its owner can say ${where}, and the DNS does not answer (${why}): nothing was tested; try again later`,
  );
}

/** Nobody has said yes as long as nobody knows whether he has said no. Of an address there is no record. */
async function inDns(
  host: string,
  resolver: Resolver,
  silence: Silence,
): Promise<readonly Shown[]> {
  const name = parseName(`_gatepost-test.${host}`);
  const domain = parseDomain(host);
  if (name === undefined || domain === undefined || !isFullyQualified(domain)) return [];
  const found = await resolver.resolve(name, "TXT");
  if (found.kind === "failed" && silence === "unknown")
    throw unknownWish(host, `in the TXT record of ${name}`, found.why);
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
