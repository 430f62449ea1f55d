/** The records that mail asks for, as values. TXT is one piece: its strings belong together (RFC 7208 §3.3, RFC 6376 §3.6.2.2). */
import type { Ip } from "../../mail/index.ts";
import type { DnsName } from "./name.ts";

export interface RecordData {
  readonly A: Ip;
  /** An address; an IPv4-mapped one is the IPv4 address that it is. */
  readonly AAAA: Ip;
  readonly CNAME: DnsName;
  readonly MX: Exchange;
  readonly NS: DnsName;
  readonly PTR: DnsName;
  readonly SOA: Authority;
  readonly SRV: ServiceLocation;
  readonly TLSA: CertificateAssociation;
  /** What a stranger wrote: any octets. */
  readonly TXT: Uint8Array;
}

export type RecordType = keyof RecordData;

/** An exchange that is the root says, where it is the only one, that no mail is taken (RFC 7505). */
export interface Exchange {
  readonly preference: number;
  readonly exchange: DnsName;
}

/** What is needed of a SOA record; the mailbox in it may be no name of ours (`a\.b.example.org`), and nobody asks for it. */
export interface Authority {
  readonly primary: DnsName;
  readonly serial: number;
  /** Seconds; bounds how long it is believed that something is not there (RFC 2308 §4). */
  readonly minimum: number;
}

/** RFC 2782. A target that is the root says that the service is not there. */
export interface ServiceLocation {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: DnsName;
}

/** RFC 6698 §2.1, numbers as they came. */
export interface CertificateAssociation {
  readonly usage: number;
  readonly selector: number;
  readonly matchingType: number;
  readonly data: Uint8Array;
}

/** RFC 1035 §3.2.2, RFC 3596 §2.1, RFC 2782, RFC 6698 §7.1. */
export const TYPE_NUMBERS: Readonly<Record<RecordType, number>> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  TLSA: 52,
};
