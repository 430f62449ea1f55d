/** What a result of RFC 8460 §4.3 means in words, and what can be done about it: by us, or by those we send to. */
import type { TlsFailure } from "../../mail/index.ts";

interface Meaning {
  readonly what: string;
  /** Where others report it of us. `{D}` is the domain, `{MX}` the server. */
  readonly ours: string;
  /** Where we saw it of others; what all of them have in common is left out. */
  readonly theirs?: string;
}

const MEANINGS: Readonly<Record<TlsFailure, Meaning>> = {
  "starttls-not-supported": {
    what: "The server offered no STARTTLS, or somebody on the way removed it.",
    ours: "See that [tls] is set and that {MX} leads to this server. If both are so, look for a firewall that rewrites SMTP.",
  },
  "certificate-host-mismatch": {
    what: "The certificate was for another name than the server's.",
    ours: "Get a certificate for {MX}, or let the MX record name a host that the certificate is for.",
  },
  "certificate-expired": {
    what: "The certificate's time was over.",
    ours: "Renew it. The server reads tls.certificate again when the file changes.",
  },
  "certificate-not-trusted": {
    what: "No authority that the sender trusts vouches for the certificate.",
    ours: "Use one of a public authority, and put the whole chain into tls.certificate.",
  },
  "validation-failure": {
    what: "TLS failed for a reason that has no name of its own.",
    ours: "What they say below may tell why; their contact can tell more.",
  },
  "tlsa-invalid": {
    what: "The certificate fits none of the TLSA records, or the records are wrong.",
    ours: "`gatepost domain records {D} --check` compares them. A new key needs its record before it is used.",
  },
  "dnssec-invalid": {
    what: "The signatures of the DNS (DNSSEC) did not validate.",
    ours: "Have the zones of {D} and {MX} validated (`delv`): signatures may have expired, or a key was changed.",
    theirs: "If it is so with many domains, look at your own resolver (dns.servers) first.",
  },
  "dane-required": {
    what: "The sender sends only where there are TLSA records, and found none.",
    ours: "Publish the TLSA record that `gatepost domain records {D}` prints, in a signed zone; or ask the sender why.",
  },
  "sts-policy-fetch-error": {
    what: "The MTA-STS policy could not be fetched.",
    ours: "See that https://mta-sts.{D}/.well-known/mta-sts.txt can be read from outside, with a certificate for that name.",
  },
  "sts-policy-invalid": {
    what: "The MTA-STS policy is not written as it must be.",
    ours: "Compare it with the one that `gatepost domain records {D}` prints.",
  },
  "sts-webpki-invalid": {
    what: "The certificate is not one that MTA-STS accepts: for this server's name, not expired, of a public authority.",
    ours: "See that {MX} stands in the policy and shows a certificate of a public authority for its name.",
  },
};

const UNKNOWN = "A word that is newer than RFC 8460.";

const THEIRS = "This is theirs to mend: tell their postmaster.";

export interface Told {
  readonly what: string;
  readonly toDo?: string;
}

/** What others report of us. */
export function meaningOfOurs(result: string, domain: string, mx: string): Told {
  const known = meaningOf(result);
  if (known === undefined) return { what: UNKNOWN };
  const server = mx === "" ? "the server" : mx;
  return {
    what: known.what,
    toDo: known.ours.replaceAll("{D}", domain).replaceAll("{MX}", server),
  };
}

/** What we saw of others. */
export function meaningOfTheirs(result: string): Told {
  const known = meaningOf(result);
  if (known === undefined) return { what: UNKNOWN };
  return {
    what: known.what,
    toDo: known.theirs === undefined ? THEIRS : `${known.theirs} ${THEIRS}`,
  };
}

function meaningOf(result: string): Meaning | undefined {
  return Object.hasOwn(MEANINGS, result) ? MEANINGS[result as TlsFailure] : undefined; // it is one of its own keys
}
