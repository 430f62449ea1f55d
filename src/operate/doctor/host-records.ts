/** Where mail for the domain comes in: MX, the host's addresses, and the key that its certificate has. */
import { isIpv6, type Ip } from "../../mail/index.ts";
import { nameOfDomain } from "../../protocol/dns/index.ts";
import type { DomainFacts } from "./facts.ts";
import { below, type Publication } from "./publication.ts";

export const PREFERENCE = 10;

export function hostRecords(facts: DomainFacts): readonly Publication[] {
  const exchange = nameOfDomain(facts.hostname);
  return [
    {
      type: "MX",
      purpose: "mx",
      name: nameOfDomain(facts.domain),
      records: [{ preference: PREFERENCE, exchange }],
      standing: "needed",
      comment:
        facts.forTests === true
          ? "What relay tests of other servers have sent comes back to this server."
          : "Mail for the domain comes to this server.",
    },
    ...addressRecords(facts),
    ...certificateRecords(facts),
  ];
}

function addressRecords({ hostname, addresses }: DomainFacts): readonly Publication[] {
  const ipv6 = inOrder(addresses.filter(isIpv6));
  const ipv4 = inOrder(addresses.filter((ip) => !isIpv6(ip)));
  const name = nameOfDomain(hostname);
  const common = { purpose: "address", name } as const;
  const reverse = `Reverse DNS (PTR, set where the addresses come from) must say ${hostname}.`;
  const a: Publication = {
    ...common,
    type: "A",
    records: ipv4,
    standing: ipv4.length > 0 || ipv6.length === 0 ? "needed" : "optional",
    comment:
      ipv4.length > 0
        ? `This server's addresses. ${reverse}`
        : `This machine has no public IPv4 address of its own; put the one here by which it is reached. ${reverse}`,
  };
  if (ipv6.length === 0) return [a];
  const aaaa: Publication = {
    ...common,
    type: "AAAA",
    records: ipv6,
    standing: "needed",
    comment: `The same by IPv6. ${reverse}`,
  };
  return [a, aaaa];
}

/** DANE-EE, key, SHA-256 (RFC 7672 §3.1.1): holds as long as the key does, whoever signed the certificate. */
function certificateRecords({ hostname, certificateKey }: DomainFacts): readonly Publication[] {
  const name = below(hostname, "_25", "_tcp");
  if (certificateKey === undefined || name === undefined) return [];
  return [
    {
      type: "TLSA",
      purpose: "tlsa",
      name,
      records: [{ usage: 3, selector: 1, matchingType: 1, data: certificateKey }],
      standing: "optional",
      comment:
        "The key of this server's certificate (DANE). It counts only in a zone signed by DNSSEC; there, a new key must be published two days before it is used, or mail stays away.",
    },
  ];
}

function inOrder(ips: readonly Ip[]): readonly Ip[] {
  return ips.toSorted();
}
