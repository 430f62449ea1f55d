/**
 * For which domains a certificate is: the dNSNames of its subjectAltName, never a common name (RFC 9525 §2). A wildcard is the whole
 * leftmost label, stands for exactly one, and never for all that is below a single label. What is no name of a mail host is none.
 */
import { isAscii, isFullyQualified, parseDomain, type Domain } from "../../mail/index.ts";

export interface CertifiedNames {
  readonly names: readonly Domain[];
  /** "example.org" for "*.example.org". */
  readonly wildcards: readonly Domain[];
}

const WILDCARD = "*.";

/** Names that are looked at. */
const NAMES_LIMIT = 256;

export function certifiedNames(dnsNames: readonly string[]): CertifiedNames {
  const looked = dnsNames.slice(0, NAMES_LIMIT);
  const plain = looked.filter((name) => !isWildcard(name));
  const wild = looked.filter(isWildcard).map((name) => name.slice(WILDCARD.length));
  return { names: domainsOf(plain), wildcards: domainsOf(wild).filter(isFullyQualified) };
}

export function isWildcard(dnsName: string): boolean {
  return dnsName.startsWith(WILDCARD);
}

export function areFor({ names, wildcards }: CertifiedNames, domain: Domain): boolean {
  return names.includes(domain) || wildcards.some((above) => above === parentOf(domain));
}

function domainsOf(names: readonly string[]): readonly Domain[] {
  return names.map(certifiedDomain).filter((domain) => domain !== undefined);
}

/** An international name stands there as A-labels (RFC 5280 §7.2); any other form is none. */
export function certifiedDomain(name: string): Domain | undefined {
  return isAscii(name) ? parseDomain(name) : undefined;
}

export function parentOf(domain: Domain): string {
  return domain.slice(domain.indexOf(".") + 1);
}
