/**
 * The certificates that a server showed, as a path: its own first, then each one's issuer, every signature and the times
 * checked. In whatever order they came, and however many: a path is short, and no certificate is looked at twice in it.
 * Not looked at: name constraints and the lengths that an authority allows, which Node does not show.
 */
import type { KeyObject, X509Certificate } from "node:crypto";

/** Certificates of a path; what authorities do has four at most. */
const PATH_LIMIT = 8;

/** Certificates that are looked at, of all that were shown. */
const SHOWN_LIMIT = 16;

/**
 * Its own certificate, and then as many issuers as are there and good at this time (milliseconds since 1970); empty when its own
 * is not. An authority that is not among those shown ends the path.
 */
export function pathOf(shown: readonly X509Certificate[], now: number): readonly X509Certificate[] {
  const [own, ...others] = shown.slice(0, SHOWN_LIMIT);
  if (own === undefined || !isInTime(own, now)) return [];
  const path = [own];
  for (let last = own; path.length < PATH_LIMIT;) {
    const issuer = others.find((one) => !path.includes(one) && issued(one, last, now));
    if (issuer === undefined) break;
    path.push(issuer);
    last = issuer;
  }
  return path;
}

export function isInTime({ validFromDate, validToDate }: X509Certificate, now: number): boolean {
  return validFromDate.getTime() <= now && now <= validToDate.getTime();
}

function issued(issuer: X509Certificate, subject: X509Certificate, now: number): boolean {
  if (!issuer.ca || !isInTime(issuer, now) || !subject.checkIssued(issuer)) return false;
  const key = keyOf(issuer);
  return key !== undefined && subject.verify(key);
}

/** Undefined for a key of a kind, or on a curve, that this program cannot read: a server may show any. */
export function keyOf(certificate: X509Certificate): KeyObject | undefined {
  try {
    return certificate.publicKey;
  } catch {
    return undefined;
  }
}

/** RFC 6125 §6.4.3: a wildcard is the whole leftmost label and stands for one. The subject's CN counts only where no name else stands. */
export function isFor(certificate: X509Certificate, names: readonly string[]): boolean {
  const options = { subject: "default", partialWildcards: false } as const;
  return names.some((name) => certificate.checkHost(name, options) !== undefined);
}
