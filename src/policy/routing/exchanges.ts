/**
 * A domain's mail servers in the order in which they are tried (RFC 5321 §5.1): by preference, equal ones by chance; the
 * domain itself where it has no MX records; nobody where it says so (RFC 7505). A server that finds itself among them
 * stands nearer to the goal than those after it: it takes them away, or mail would go round.
 */
import { status, type Domain, type Status } from "../../mail/index.ts";
import {
  nameOfDomain,
  ROOT,
  type DnsName,
  type Exchange,
  type Resolution,
} from "../../protocol/dns/index.ts";

export type MailServers =
  /** Those of equal preference together; at least one. */
  | { readonly kind: "servers"; readonly groups: readonly (readonly DnsName[])[] }
  | { readonly kind: "none"; readonly status: Status };

/** Servers that are looked at; the rest of a longer list is never reached in one attempt. */
export const EXCHANGES_LIMIT = 20;

const SOURCE = "policy/routing";

/** `chance` gives a number in [0, 1). */
export function mailServers(
  domain: Domain,
  found: Resolution<"MX">,
  isOwnName: (name: DnsName) => boolean,
  chance: () => number,
): MailServers {
  switch (found.kind) {
    case "failed":
      return none(dnsFailed(domain, found.why));
    case "no-such-name":
      return none(noSuchDomain(domain));
    case "no-data":
      return before([[nameOfDomain(domain)]], domain, isOwnName);
    case "found": {
      const named = found.records.filter(({ exchange }) => exchange !== ROOT);
      if (named.length === 0) return none(takesNoMail(domain));
      return before(grouped(named, chance), domain, isOwnName);
    }
  }
}

/** What is left before the group that we are in. */
function before(
  groups: readonly (readonly DnsName[])[],
  domain: Domain,
  isOwnName: (name: DnsName) => boolean,
): MailServers {
  const own = groups.findIndex((group) => group.some(isOwnName));
  const left = own < 0 ? groups : groups.slice(0, own);
  return left.length === 0 ? none(loop(domain)) : { kind: "servers", groups: left };
}

function grouped(records: readonly Exchange[], chance: () => number): DnsName[][] {
  const best = new Map<DnsName, number>();
  for (const { exchange, preference } of records)
    best.set(exchange, Math.min(preference, best.get(exchange) ?? preference));
  const ordered = [...best].toSorted(([, a], [, b]) => a - b).slice(0, EXCHANGES_LIMIT);
  const groups = Map.groupBy(ordered, ([, preference]) => preference);
  return [...groups.values()].map((group) =>
    shuffled(
      group.map(([exchange]) => exchange),
      chance,
    ),
  );
}

function shuffled<T>(all: readonly T[], chance: () => number): T[] {
  return all
    .map((one) => ({ one, at: chance() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ one }) => one);
}

function none(why: Status): MailServers {
  return { kind: "none", status: why };
}

// ---- In words ----

export function dnsFailed(name: string, why: string): Status {
  // DNSSEC's no comes as the same word as a server's.
  const reason = why === "servfail" ? "servfail: no answer to be had, or a forged one" : why;
  return status(451, "4.4.3", `the DNS does not say now how to reach ${name}`, SOURCE, reason);
}

function noSuchDomain(domain: Domain): Status {
  return status(550, "5.1.2", `there is no domain ${domain}`, SOURCE);
}

function takesNoMail(domain: Domain): Status {
  return status(556, "5.1.10", `${domain} takes no mail`, SOURCE);
}

/** RFC 5321 §5.1: nothing left is an error, and the message is returned. */
export function loop(name: string): Status {
  return status(554, "5.4.6", `mail for ${name} would come back to this server`, SOURCE);
}
