/**
 * What a connection to one mail server has to show: what the hop asks for, and where the DNS is signed all the way, what its TLSA
 * records say (DANE). They are asked for only then.
 */
import type { Status } from "../../mail/index.ts";
import {
  daneOf,
  demandFor,
  tlsaBases,
  tlsaName,
  type Dane,
  type DaneHost,
  type TlsaAnswer,
  type Verification,
} from "../../policy/identity/index.ts";
import type { CertificateTrust, TlsDemand } from "../../policy/routing/index.ts";
import type { DnsName, Resolution, Resolver } from "../../protocol/dns/index.ts";
import type { Hop, MailServer } from "./hop.ts";
import { notVerifiable } from "./statuses.ts";

export type ServerTrust = CertificateTrust | Extract<Verification, { readonly kind: "dane" }>;

export interface ServerDemand {
  readonly kind: "connect";
  readonly tls: TlsDemand;
  readonly trust: ServerTrust;
  /** Under which name we ask for it (SNI); left out where there is only an address. */
  readonly name?: string;
}

export type Demanded = ServerDemand | { readonly kind: "none"; readonly status: Status };

/** `addresses`: the answers that led to the server's. */
export async function demandOf(
  hop: Hop,
  server: MailServer,
  addresses: readonly Resolution<"A" | "AAAA">[],
  resolver: Resolver,
): Promise<Demanded> {
  const { tls, trust, signed } = hop;
  const plain: ServerDemand = {
    kind: "connect",
    tls,
    trust,
    ...(server.at.kind === "name" && { name: server.host }),
  };
  if (signed === undefined || server.at.kind !== "name") return plain;
  const { name } = server.at;
  const dane = await daneAt(name, hop.port, addresses, resolver);
  const demand = demandFor({ server: name, nextHop: signed, authentic: true, dane });
  if (demand.kind === "not this server")
    return { kind: "none", status: notVerifiable(server.host, demand.why) };
  if (demand.verify.kind !== "dane") return { ...plain, tls: demand.tls };
  // RFC 7672 §8.1: the name that has the records.
  const base = dane.kind === "verify" ? dane.base : name;
  return { kind: "connect", tls: demand.tls, trust: demand.verify, name: base };
}

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
  return daneOf(answers);
}
