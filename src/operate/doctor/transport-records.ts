/** How mail to the domain is protected on its way: MTA-STS and reports about failed TLS. */
import { createHash } from "node:crypto";
import { nameOfDomain } from "../../protocol/dns/index.ts";
import type { DomainFacts } from "./facts.ts";
import { below, type Publication } from "./publication.ts";

/** Seconds that others keep the policy; short while it is only tested (RFC 8461 §3.2 advises weeks). */
const STS_MAX_AGE = 604_800;

/** Digits of the policy's id (RFC 8461 §3.1: at most 32). */
const STS_ID_DIGITS = 20;

export function transportRecords(facts: DomainFacts): readonly Publication[] {
  return [...tlsReports(facts), ...strictTransport(facts)];
}

/** RFC 8460 §3. */
function tlsReports({ domain }: DomainFacts): readonly Publication[] {
  const name = below(domain, "_smtp", "_tls");
  if (name === undefined) return [];
  return [
    {
      type: "TXT",
      purpose: "tls-rpt",
      name,
      records: [`v=TLSRPTv1; rua=mailto:postmaster@${domain}`],
      standing: "optional",
      comment: "Other servers report here when TLS to this one fails (TLSRPT).",
    },
  ];
}

/** RFC 8461. Worth nothing before the policy is there, so its records are not yet meant to be pasted. */
function strictTransport(facts: DomainFacts): readonly Publication[] {
  const { domain, hostname } = facts;
  const name = below(domain, "_mta-sts");
  const host = below(domain, "mta-sts");
  if (name === undefined || host === undefined) return [];
  const id = createHash("sha256").update(stsPolicy(facts)).digest("hex").slice(0, STS_ID_DIGITS);
  return [
    {
      type: "TXT",
      purpose: "mta-sts",
      name,
      records: [`v=STSv1; id=${id}`],
      standing: "later",
      comment: `TLS is required of those who send here (MTA-STS), once https://${host}/.well-known/mta-sts.txt serves the policy "${stsPolicy(facts).trim().replaceAll("\r\n", " / ")}". The id changes with the policy.`,
    },
    {
      type: "CNAME",
      purpose: "alias",
      name: host,
      records: [nameOfDomain(hostname)],
      standing: "later",
      comment: "The web server of that policy, with a certificate of this name.",
    },
  ];
}

/** The file that the id is of. */
export function stsPolicy({ hostname }: Pick<DomainFacts, "hostname">): string {
  const lines = ["version: STSv1", "mode: testing", `mx: ${hostname}`, `max_age: ${STS_MAX_AGE}`];
  return lines.map((line) => `${line}\r\n`).join("");
}
