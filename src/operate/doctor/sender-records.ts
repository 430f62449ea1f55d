/** Who may send in the domain's name: SPF, DKIM, DMARC. */
import { ipReach, isIpv6 } from "../../mail/index.ts";
import { nameOfDomain } from "../../protocol/dns/index.ts";
import type { DkimKey, DomainFacts, SmartHost } from "./facts.ts";
import { below, type Publication } from "./publication.ts";

export function senderRecords(facts: DomainFacts): readonly Publication[] {
  return [spf(facts), ...hostSpf(facts), ...dkim(facts), ...dmarc(facts)];
}

/** RFC 7208. What leaves by a smart host has that host's addresses, which only its operator knows. */
function spf({ domain, smartHost }: DomainFacts): Publication {
  const [text, comment] =
    smartHost === undefined
      ? [
          ["v=spf1", "mx", "-all"],
          "Mail from the domain leaves from its mail server, and from nowhere else (SPF).",
        ]
      : [
          ["v=spf1", "mx", ...smartHostMechanism(smartHost), "~all"],
          `Mail from the domain leaves by ${smartHostText(smartHost)} (SPF). Ask its operator which "include:" belongs here instead of this guess; then end it with "-all".`,
        ];
  return {
    type: "TXT",
    purpose: "spf",
    name: nameOfDomain(domain),
    records: [text.join(" ")],
    standing: "needed",
    comment,
  };
}

/** RFC 7208 §2.4: of a report, which has no sender, the name in EHLO is asked. */
function hostSpf({ domain, hostname, smartHost }: DomainFacts): readonly Publication[] {
  const name = nameOfDomain(hostname);
  if (name === nameOfDomain(domain) || smartHost !== undefined) return [];
  return [
    {
      type: "TXT",
      purpose: "spf",
      name,
      records: ["v=spf1 a -all"],
      standing: "optional",
      comment: "The same for reports, which have no sender but this server's name.",
    },
  ];
}

/** None for a host within: which address the world sees cannot be known from here. */
function smartHostMechanism(host: SmartHost): readonly string[] {
  if (host.kind === "name") return [`a:${host.name}`];
  return ipReach(host.ip) === "public" ? [`${isIpv6(host.ip) ? "ip6" : "ip4"}:${host.ip}`] : [];
}

function smartHostText(host: SmartHost): string {
  return host.kind === "name" ? host.name : host.ip;
}

function dkim({ domain, dkimKeys }: DomainFacts): readonly Publication[] {
  const keys = dkimKeys.toSorted((a, b) => (a.selector < b.selector ? -1 : 1));
  return keys.flatMap((key) => dkimRecord(domain, key));
}

/** RFC 6376 §3.6.1, RFC 8463 §4. */
function dkimRecord(domain: string, key: DkimKey): readonly Publication[] {
  const name = below(domain, key.selector, "_domainkey");
  if (name === undefined) return [];
  return [
    {
      type: "TXT",
      purpose: "dkim",
      name,
      records: [`v=DKIM1; k=${key.algorithm}; p=${key.publicKey}`],
      standing: "needed",
      comment: "The key by which others check the domain's signatures (DKIM).",
    },
  ];
}

/** RFC 9989. Postmaster of every domain here is somebody, so reports come to the domain itself and need nobody's consent. */
function dmarc({ domain }: DomainFacts): readonly Publication[] {
  const name = below(domain, "_dmarc");
  if (name === undefined) return [];
  return [
    {
      type: "TXT",
      purpose: "dmarc",
      name,
      records: [`v=DMARC1; p=none; rua=mailto:postmaster@${domain}`],
      standing: "needed",
      comment:
        "What others do with forged mail (DMARC): none to begin with. When the reports show only mail of yours, say quarantine, then reject.",
    },
  ];
}
