/**
 * The certificates that a server showed, held against TLSA records (RFC 6698, RFC 7671, RFC 7672 §3). Usage 3 names the server's own
 * certificate or key: no name and no time in it counts. Usage 2 names an authority that must be among those shown, in a path
 * with good signatures and times, and the server's certificate must be for one of the names. Any record that fits is enough,
 * so that keys can be changed. Usages 0 and 1 are of no use between mail servers (RFC 7672 §3.1.3).
 */
import { createHash, type X509Certificate } from "node:crypto";
import type { CertificateAssociation } from "../../protocol/dns/index.ts";
import { findPath, isFor, keyOf, SHOWN_LIMIT } from "./certificate-path.ts";

const USAGE = { authority: 2, own: 3 } as const;
const SELECTOR = { certificate: 0, key: 1 } as const;
const MATCHING = { whole: 0, sha256: 1, sha512: 2 } as const;

/** Records of one name that are looked at; each costs a comparison with each certificate. */
export const TLSA_LIMIT = 64;

/**
 * Those that can be gone by. Of several digests of the same usage and selector the strongest alone (RFC 7671 §9): who
 * can forge the weaker one has not won.
 */
export function usableOf(
  records: readonly CertificateAssociation[],
): readonly CertificateAssociation[] {
  const usable = records.filter(isUsable);
  const left = usable.filter(
    (one) =>
      one.matchingType !== MATCHING.sha256 || !usable.some((other) => isStronger(other, one)),
  );
  return left.slice(0, TLSA_LIMIT);
}

function isUsable({ usage, selector, matchingType, data }: CertificateAssociation): boolean {
  const known = usage === USAGE.authority || usage === USAGE.own;
  const selects = selector === SELECTOR.certificate || selector === SELECTOR.key;
  if (!known || !selects) return false;
  switch (matchingType) {
    case MATCHING.whole:
      return data.length > 0;
    case MATCHING.sha256:
      return data.length === 32;
    case MATCHING.sha512:
      return data.length === 64;
    default:
      return false;
  }
}

function isStronger(one: CertificateAssociation, than: CertificateAssociation): boolean {
  const same = one.usage === than.usage && one.selector === than.selector;
  return same && one.matchingType === MATCHING.sha512;
}

export interface Matched {
  readonly matches: boolean;
  /** "TLSA 3 1 1 fits its own certificate". */
  readonly why: string;
}

/**
 * `shown`: the server's own certificate first. `names`: of which a certificate under an authority has to bear one, by
 * RFC 7672 §3.2.2 the name with the records and the domain that mail is for. `now`: milliseconds since 1970.
 */
export function matchTlsa(
  records: readonly CertificateAssociation[],
  shown: readonly X509Certificate[],
  names: readonly string[],
  now: number,
): Matched {
  const [own] = shown;
  if (own === undefined) return { matches: false, why: "no certificate was shown" };
  const ownRecord = records.find((one) => one.usage === USAGE.own && fits(one, own));
  if (ownRecord !== undefined)
    return { matches: true, why: `TLSA ${text(ownRecord)} fits its own certificate` };
  const authorities = records.filter(({ usage }) => usage === USAGE.authority);
  if (authorities.length === 0)
    return { matches: false, why: "no TLSA record fits its certificate" };
  const record = authorityRecord(authorities, shown, now);
  if (record === undefined)
    return {
      matches: false,
      why: "no TLSA record fits its certificate or a valid path to an authority",
    };
  if (!isFor(own, names))
    return { matches: false, why: `its certificate is not for ${names.join(" or ")}` };
  return { matches: true, why: `TLSA ${text(record)} fits its authority` };
}

/** The one for an authority that is among those shown, at the end of a path from its own. */
function authorityRecord(
  records: readonly CertificateAssociation[],
  shown: readonly X509Certificate[],
  now: number,
): CertificateAssociation | undefined {
  const [own, ...others] = shown.slice(0, SHOWN_LIMIT);
  if (own === undefined) return undefined;
  const recordOf = (issuer: X509Certificate) => records.find((one) => fits(one, issuer));
  const found = findPath(own, {
    now,
    issuersOf: ({ issuer }) => others.filter(({ subject }) => subject === issuer),
    judge: (path) => {
      const [, ...issuers] = path;
      const last = issuers.at(-1);
      return { kind: last !== undefined && recordOf(last) !== undefined ? "good" : "goes on" };
    },
  });
  const authority = found.kind === "path" ? found.path.at(-1) : undefined;
  return authority && recordOf(authority);
}

/** As in a zone file: "3 1 1 9f86d0…". */
export function tlsaText(record: CertificateAssociation): string {
  return `${text(record)} ${record.data.toHex()}`;
}

function text({ usage, selector, matchingType }: CertificateAssociation): string {
  return `${usage} ${selector} ${matchingType}`;
}

function fits(record: CertificateAssociation, certificate: X509Certificate): boolean {
  const selected =
    record.selector === SELECTOR.certificate
      ? certificate.raw
      : keyOf(certificate)?.export({ type: "spki", format: "der" });
  return selected !== undefined && equal(digested(selected, record.matchingType), record.data);
}

function digested(octets: Uint8Array, matchingType: number): Uint8Array {
  if (matchingType === MATCHING.whole) return octets;
  const name = matchingType === MATCHING.sha256 ? "sha256" : "sha512";
  return createHash(name).update(octets).digest();
}

/** Nothing of it is secret. */
function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, i) => octet === b[i]);
}
