/** How mail to the domain is protected on its way: MTA-STS and reports about failed TLS. */
import { createHash } from "node:crypto";
import { REPORTS_LOCAL } from "../../policy/routing/index.ts";
import { nameOfDomain } from "../../protocol/dns/index.ts";
import type { DomainFacts } from "./facts.ts";
import { below, type Publication } from "./publication.ts";
import type { MtaStsSettings } from "./settings.ts";

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
      records: [`v=TLSRPTv1; rua=mailto:${REPORTS_LOCAL}@${domain}`],
      standing: "optional",
      comment:
        "Other servers report here when TLS to this one fails (TLSRPT); `gatepost report tls` shows it.",
    },
  ];
}

/** RFC 8461. Worth nothing where nobody serves the policy, so there its records are not meant to be pasted. */
function strictTransport(facts: DomainFacts): readonly Publication[] {
  const { domain, hostname } = facts;
  const name = below(domain, "_mta-sts");
  const host = below(domain, "mta-sts");
  if (name === undefined || host === undefined) return [];
  const standing = facts.web.has("https") ? "optional" : "later";
  return [
    {
      type: "TXT",
      purpose: "mta-sts",
      name,
      records: [`v=STSv1; id=${policyId(facts)}`],
      standing,
      comment: `${MEANINGS[facts.mtaSts.mode]} ${publishWhen(facts, host)} The id changes with the policy.`,
    },
    {
      type: "CNAME",
      purpose: "alias",
      name: host,
      records: [nameOfDomain(hostname)],
      standing,
      comment: "The web server of that policy, with a certificate of this name.",
    },
  ];
}

const MEANINGS: Readonly<Record<MtaStsSettings["mode"], string>> = {
  testing:
    "Who sends here reports when TLS with this server fails, and delivers all the same (MTA-STS).",
  enforce: "Who sends here does so by TLS, to a server with the certificate of its name (MTA-STS).",
  none: "Who sends here may do so without TLS again (MTA-STS).",
};

function publishWhen(facts: DomainFacts, host: string): string {
  const where = `https://${host}/.well-known/mta-sts.txt`;
  const policy = `"${stsPolicy(facts).trim().replaceAll("\r\n", " / ")}"`;
  return facts.web.has("https")
    ? `Publish it when the policy can be fetched from ${where}: ${policy}.`
    : `It waits for the policy ${policy} at ${where}; this site has no listener for that (setting listen.https).`;
}

function policyId(facts: DomainFacts): string {
  return createHash("sha256").update(stsPolicy(facts)).digest("hex").slice(0, STS_ID_DIGITS);
}

/** The file that is served, and that the id is of (RFC 8461 §3.2). */
export function stsPolicy({ hostname, mtaSts }: Pick<DomainFacts, "hostname" | "mtaSts">): string {
  const { mode, max_age_seconds: maxAge } = mtaSts;
  const lines = ["version: STSv1", `mode: ${mode}`, `mx: ${hostname}`, `max_age: ${maxAge}`];
  return lines.map((line) => `${line}\r\n`).join("");
}
