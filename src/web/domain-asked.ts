/** Whose resource is asked for: the host that a client names, in the one canonical form. */
import { parseDomain, type Domain } from "../mail/index.ts";

/**
 * "Mta-Sts.Example.ORG:443" with the label "mta-sts" is about example.org. Undefined for a host that has not this label in front, and
 * for what is no domain name: an address, several names, nothing. `authority` is a host with or without a port (RFC 9110 §7.2).
 */
export function domainAsked(authority = "", label?: string): Domain | undefined {
  const host = parseDomain(authority.replace(/:[0-9]*$/, ""));
  if (host === undefined || label === undefined) return host;
  return host.startsWith(`${label}.`) ? parseDomain(host.slice(label.length + 1)) : undefined;
}
