/**
 * What a connection to one mail server has to show: what its route asks for; else what its domain publishes (TLSA records where the
 * DNS is signed all the way, an MTA-STS policy) and what somebody requires beyond that.
 */
import type { CarrierSecurity, Status } from "../../mail/index.ts";
import {
  daneOf,
  demandFor,
  tlsaBases,
  tlsaName,
  type Dane,
  type DaneHost,
  type Tested,
  type TlsaAnswer,
} from "../../policy/identity/index.ts";
import type { TlsDemand } from "../../policy/routing/index.ts";
import type { DnsName, Resolution, Resolver } from "../../protocol/dns/index.ts";
import type { ServerTrust } from "./certificate.ts";
import type { DomainAsks, Hop, MailServer } from "./hop.ts";
import { notVerifiable } from "./statuses.ts";
import { failed, tlsSubject, type TlsSubject, type TlsVerdict } from "./tls-results.ts";

export interface ServerDemand {
  readonly kind: "connect";
  readonly tls: TlsDemand;
  readonly trust: ServerTrust;
  readonly security: CarrierSecurity;
  readonly tested?: Tested;
  /** What its TLS is counted for; absent on a route. */
  readonly subject?: TlsSubject;
  /** Under which name we ask for it (SNI); left out where there is only an address. */
  readonly name?: string;
}

export type Demanded =
  | ServerDemand
  /** It gets nothing, for a fault of its domain's. */
  | {
      readonly kind: "none";
      readonly status: Status;
      readonly subject: TlsSubject;
      readonly verdict: TlsVerdict;
    };

/** `addresses`: the answers that led to the server's. */
export async function demandOf(
  { asked, port }: Pick<Hop, "asked" | "port">,
  { host, at }: MailServer,
  addresses: readonly Resolution<"A" | "AAAA">[],
  resolver: Resolver,
): Promise<Demanded> {
  if (asked.kind === "domain") {
    if (at.kind !== "name") throw new Error("MX records hold names only");
    return domainDemand(asked, at.name, port, addresses, resolver);
  }
  const { tls, trust, security } = asked;
  return { kind: "connect", tls, trust, security, ...(at.kind === "name" && { name: host }) };
}

async function domainDemand(
  asked: DomainAsks,
  server: DnsName,
  port: number,
  addresses: readonly Resolution<"A" | "AAAA">[],
  resolver: Resolver,
): Promise<Demanded> {
  const dane =
    asked.authentic && asked.word?.what !== "opportunistic"
      ? await daneAt(server, port, addresses, resolver)
      : NO_DANE;
  const demand = demandFor({ ...asked, server, dane });
  const subject = tlsSubject(asked.domain, server, dane, asked.sts);
  if (demand.kind === "not this server") {
    const result = dane.kind === "wait" ? "dnssec-invalid" : "validation-failure";
    const verdict = failed(result, demand.why);
    return { kind: "none", status: notVerifiable(server, demand.why), subject, verdict };
  }
  const { tls, verify, level, why, tested } = demand;
  return {
    kind: "connect",
    tls,
    trust: verify.kind === "none" ? { kind: "any" } : verify,
    security: { level, why: level === "opportunistic" ? whyOpportunistic(why, asked, dane) : why },
    ...(tested !== undefined && { tested }),
    subject,
    // RFC 7672 §8.1: the name that has the records.
    name: dane.kind === "verify" ? dane.base : server,
  };
}

/** With who could have asked for something, and why he has not. */
function whyOpportunistic(why: string, { word, sts, withoutSts }: DomainAsks, dane: Dane): string {
  if (word !== undefined || sts !== undefined) return why;
  const silent = [dane.kind === "none" ? dane.why : undefined, withoutSts];
  return `${why}: ${silent.filter((each) => each !== undefined).join(", ")}`;
}

const NO_DANE: Dane = { kind: "none", why: "the MX records are not authentic" };

async function daneAt(
  name: DnsName,
  port: number,
  addresses: readonly Resolution<"A" | "AAAA">[],
  resolver: Resolver,
): Promise<Dane> {
  const host: DaneHost = { name, authentic: true, addresses };
  const byAlias = addresses.some((one) => one.kind === "found" && one.name !== name);
  const insecure = addresses.some((one) => one.kind === "found" && !one.authentic);
  const alias = byAlias && insecure ? await resolver.resolve(name, "CNAME") : undefined;
  const answers: TlsaAnswer[] = [];
  for (const base of tlsaBases({ ...host, ...(alias !== undefined && { alias }) })) {
    const at = tlsaName(base, port);
    if (at === undefined) continue;
    const found = await resolver.resolve(at, "TLSA");
    answers.push({ base, found });
    if (found.kind === "found" && found.authentic) break;
  }
  if (answers.length === 0) return { kind: "none", why: "the server's address is not authentic" };
  return daneOf(answers);
}
