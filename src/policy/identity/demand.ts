/**
 * What a connection to a mail server must show before anything is said: one answer from all that speaks about it. DANE comes
 * first, and what it demands MTA-STS cannot take back (RFC 8461 §2); then MTA-STS; then TLS where it is offered. What
 * the operator or the sender requires comes on top and never makes it less.
 */
import type { SecurityLevel } from "../../mail/index.ts";
import type { CertificateAssociation, DnsName } from "../../protocol/dns/index.ts";
import type { Dane } from "./dane.ts";
import { isServerOf, type StsPolicy } from "./mta-sts.ts";

export type Verification =
  | { readonly kind: "none" }
  | {
      readonly kind: "dane";
      readonly records: readonly CertificateAssociation[];
      /** Of which a certificate under an authority (usage 2) has to bear one. */
      readonly names: readonly string[];
    }
  /** An authority of this machine vouches for one of the names. */
  | { readonly kind: "pkix"; readonly names: readonly string[] };

export type Demand =
  | {
      readonly kind: "connect";
      readonly tls: "opportunistic" | "required";
      readonly verify: Verification;
      readonly level: SecurityLevel;
      /** By whose word, for the journal. */
      readonly why: string;
      /** A policy that is only tested: what fails of it is reported, and the mail goes all the same (RFC 8461 §5). */
      readonly tested?: Tested;
    }
  /** This server gets nothing now; the next one may. When none is left it is a deferral. */
  | { readonly kind: "not this server"; readonly why: string };

export interface Tested {
  readonly ownServer: boolean;
  readonly names: readonly string[];
}

export interface Spoken {
  /** The name in the MX record. */
  readonly server: DnsName;
  /** The domain that mail is for; where a route leads elsewhere, the name of that. */
  readonly nextHop: DnsName;
  /** The MX records are authentic, or the operator has named the server: its name is not somebody's invention. */
  readonly authentic: boolean;
  readonly dane: Dane;
  /** The policy that counts now. */
  readonly sts?: StsPolicy;
  /** The operator's word about the domain, or the sender's (RFC 8689). */
  readonly word?: RequiredTls;
}

export interface RequiredTls {
  readonly what: TlsWord;
  /** "the sender (REQUIRETLS)" */
  readonly by: string;
}

/**
 * What somebody requires beyond what the domain itself publishes: TLS, or a server that is proved to be the right one.
 * "opportunistic" is the operator's alone: what the domain publishes is wrong, and its mail is to go all the same.
 */
export type TlsWord = "opportunistic" | "encrypted" | "verified";

export function demandFor(spoken: Spoken): Demand {
  const { dane, word } = spoken;
  if (word?.what === "opportunistic") return opportunistic(`no more is asked for by ${word.by}`);
  if (dane.kind === "wait") return { kind: "not this server", why: `DANE: ${dane.why}` };
  if (dane.kind === "verify") return byDane(spoken, dane.base, dane.records);
  const sts = bySts(spoken);
  if (sts !== undefined) return sts;
  return required(spoken);
}

/** RFC 7672 §3.2.2. */
function byDane(
  { server, nextHop }: Spoken,
  base: DnsName,
  records: readonly CertificateAssociation[],
): Demand {
  const names = [...new Set([base, server, nextHop])];
  return {
    kind: "connect",
    tls: "required",
    verify: { kind: "dane", records, names },
    level: "dane",
    why: `TLSA records of ${base}`,
  };
}

/** Only what is enforced. */
function bySts({ server, nextHop, sts }: Spoken): Demand | undefined {
  if (sts?.mode !== "enforce") return undefined;
  if (!isServerOf(sts, server))
    return {
      kind: "not this server",
      why: `MTA-STS: ${server} is no mail server by the policy of ${nextHop}`,
    };
  return {
    kind: "connect",
    tls: "required",
    verify: { kind: "pkix", names: [server] },
    level: "mta-sts",
    why: `the policy of ${nextHop} is enforced`,
  };
}

function required({ server, nextHop, authentic, dane, sts, word }: Spoken): Demand {
  const tested: { tested?: Tested } =
    sts?.mode === "testing"
      ? { tested: { ownServer: isServerOf(sts, server), names: [server] } }
      : {};
  if (word?.what === "verified") {
    // Whoever forges an MX record has a certificate for the name that he puts into it; a policy names the servers too.
    const known = authentic || tested.tested?.ownServer === true;
    const names = known ? [...new Set([server, nextHop])] : [nextHop];
    const verify = { kind: "pkix", names } as const;
    const why = `required by ${word.by}`;
    return { kind: "connect", tls: "required", verify, level: "verified", why, ...tested };
  }
  if (dane.kind === "encrypt") return { ...encrypted(dane.why), ...tested };
  if (word?.what === "encrypted") return { ...encrypted(`required by ${word.by}`), ...tested };
  return tested.tested === undefined
    ? opportunistic("nobody demands TLS")
    : { ...opportunistic("the MTA-STS policy is only tested"), ...tested };
}

type Connect = Extract<Demand, { readonly kind: "connect" }>;

function encrypted(why: string): Connect {
  const verify = { kind: "none" } as const;
  return { kind: "connect", tls: "required", verify, level: "encrypted", why };
}

function opportunistic(why: string): Connect {
  const verify = { kind: "none" } as const;
  return { kind: "connect", tls: "opportunistic", verify, level: "opportunistic", why };
}
