/**
 * Whether DANE says something about a mail server (RFC 7672 §2): only where the whole way to the records is authentic, from
 * the MX records to the server's addresses to the TLSA records. What is not signed is no DANE; what should be and cannot be validated
 * (a resolver says SERVFAIL) is a reason to wait, for that is just what an attacker would make of it.
 */
import {
  parseName,
  type CertificateAssociation,
  type DnsName,
  type Resolution,
} from "../../protocol/dns/index.ts";
import { usableOf } from "./dane-match.ts";

/** A mail server, as the DNS led to it. */
export interface DaneHost {
  readonly name: DnsName;
  /** The MX records, or that there are none, are authentic; or the operator has named the server. */
  readonly authentic: boolean;
  /** A and AAAA. */
  readonly addresses: readonly Resolution<"A" | "AAAA">[];
  /** Of its own name, where the addresses came by an alias and are not authentic. */
  readonly alias?: Resolution<"CNAME">;
}

/**
 * Under which names TLSA records are asked for, one after the other (RFC 7672 §2.2.2): where the aliases end, and the name as it
 * stands in the MX record; the latter alone where the alias is signed and what it leads to is not. None: this is no DANE.
 */
export function tlsaBases({ name, authentic, addresses, alias }: DaneHost): readonly DnsName[] {
  if (!authentic) return [];
  const found = addresses.filter((one) => one.kind === "found");
  if (found.length === 0) return [];
  if (found.every((one) => one.authentic)) {
    const ends = found.map((one) => one.name).filter((end) => end !== name);
    return [...new Set([...ends, name])];
  }
  return alias?.kind === "found" && alias.authentic ? [name] : [];
}

/** `_25._tcp.mx.example.org`; undefined where that is too long to be a name. */
export function tlsaName(base: DnsName, port: number): DnsName | undefined {
  return parseName(`_${port}._tcp.${base}`);
}

export interface TlsaAnswer {
  readonly base: DnsName;
  readonly found: Resolution<"TLSA">;
}

export type Dane =
  | { readonly kind: "none"; readonly why: string }
  /** This server is not to be talked to now. */
  | { readonly kind: "wait"; readonly why: string }
  /** There are records, and none that we could go by: encrypted, and nobody verified (RFC 7672 §2.2). */
  | { readonly kind: "encrypt"; readonly why: string }
  | {
      readonly kind: "verify";
      /** The name that has the records. */
      readonly base: DnsName;
      /** Usable ones; at least one. */
      readonly records: readonly CertificateAssociation[];
    };

/** The answers for `tlsaBases`, in that order; the first that has records is meant. One may be missing behind those. */
export function daneOf(answers: readonly TlsaAnswer[]): Dane {
  for (const { base, found } of answers) {
    if (found.kind === "failed")
      return { kind: "wait", why: `no TLSA answer for ${base}: ${found.why}` };
    if (found.kind !== "found" || !found.authentic) continue;
    const records = usableOf(found.records);
    return records.length === 0
      ? { kind: "encrypt", why: `the TLSA records of ${base} are of no use` }
      : { kind: "verify", base, records };
  }
  return { kind: "none", why: "no authentic TLSA records" };
}
