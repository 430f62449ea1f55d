/** A set of records to publish: one name, one type, one purpose. */
import { parseName, type DnsName, type RecordData } from "../../protocol/dns/index.ts";

export type Publication = PublicationData & {
  readonly name: DnsName;
  /** What a person should know about it, in whole sentences. */
  readonly comment: string;
  readonly standing: Standing;
};

/**
 * `needed`: without it something does not work or is not trusted. `optional`: good to have. `later`: only when its condition, which
 * the comment names, has come about; it is shown and not yet meant to be pasted.
 */
export type Standing = "needed" | "optional" | "later";

export type PublicationData =
  | Records<"MX", "mx">
  /** No records: an address belongs there, and it is not known which. */
  | Records<"A" | "AAAA", "address">
  | Texts<"spf" | "dkim" | "dmarc" | "mta-sts" | "tls-rpt">
  | Records<"TLSA", "tlsa">
  | Records<"SRV", "service">
  | Records<"CNAME", "alias">;

export type Purpose = PublicationData["purpose"];
export type TextPublication = Extract<Publication, { type: "TXT" }>;

interface Records<Type extends "MX" | "A" | "AAAA" | "TLSA" | "SRV" | "CNAME", For extends string> {
  readonly type: Type;
  readonly purpose: For;
  readonly records: readonly RecordData[Type][];
}

/** One text each; how it is cut into strings is nobody's concern but the zone file's. */
interface Texts<For extends string> {
  readonly type: "TXT";
  readonly purpose: For;
  readonly records: readonly [string];
}

/** A name below a domain; undefined when the domain is so long that it has no room for it. */
export function below(domain: string, ...labels: readonly string[]): DnsName | undefined {
  return parseName([...labels, domain].join("."));
}
