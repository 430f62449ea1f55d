/**
 * The name under which a list has what it says about a subject (RFC 5782 §2): the octets of an address from the last to
 * the first, the nibbles of an IPv6 one, a domain as it is, in A-labels; in front of the list's zone.
 */
import { addressUnder, parseName, type DnsName } from "../../protocol/dns/index.ts";
import { suits, type DnsList, type ListSubject } from "./list.ts";

/** Undefined where the list cannot be asked about it: it is of the other kind, or the name would be too long. */
export function questionName(
  list: Pick<DnsList, "kind" | "zone">,
  subject: ListSubject,
): DnsName | undefined {
  if (!suits(list, subject)) return undefined;
  return subject.kind === "address"
    ? addressUnder(subject.ip, list.zone)
    : parseName(`${subject.domain}.${list.zone}`);
}
