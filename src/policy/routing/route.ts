/**
 * Recipient → where its mail would go. A recipient's class is one word of a closed list: the decision table
 * ranges over these words and nothing else, so a new kind of recipient cannot slip past it.
 */
import {
  formatAddress,
  hasRoutingCharacters,
  localKey,
  parseAddress,
  type Address,
  type Domain,
  type ForwardPath,
  type MailboxId,
} from "../../mail/index.ts";
import type {
  Gateways,
  Returns,
  RoutedMailbox,
  RoutingDirectory,
  TestAddress,
  TestDomain,
} from "./directory.ts";

export const RECIPIENT_CLASSES = [
  "mailbox",
  "alias",
  /** An alias that leads to somewhere else, perhaps to mailboxes here too. */
  "alias abroad",
  /** Of a domain that is ours and whose mailboxes are on another host; nobody of that name is in the directory. */
  "gateway recipient",
  /** Where the reports about a forwarded message come back to. */
  "forward's return",
  "stale return",
  "forged return",
  /** postmaster or abuse (RFC 2142) of a domain of ours, or the bare `<postmaster>`. */
  "role",
  /** Where others report TLS that failed (RFC 8460 §3), or hosts that relay, of a domain of ours. */
  "report address",
  "catch-all",
  /** In the tester's domain: mail for a token is evidence of a relay test; nobody else is there, and no mailbox. */
  "relay test's return",
  "disabled mailbox",
  "unknown mailbox",
  /** Where unknown ones are reported by mail: to a sender who is verified; and while the DNS does not say whether he is. */
  "unknown mailbox, to be reported",
  "unknown mailbox, sender undecided",
  /** A role address while the site has no mailbox to take it. */
  "role without mailbox",
  "foreign domain",
  "address literal",
  /** A local part that some server would unpack into another address. */
  "routing characters",
  "source route",
] as const;

export type RecipientClass = (typeof RECIPIENT_CLASSES)[number];

export interface Route {
  readonly recipient: RecipientClass;
  /** Where it would be deposited; each mailbox once. Empty for whoever gets nothing here. */
  readonly mailboxes: readonly RoutedMailbox[];
  /** Where it would be sent to; each address once. Whether it may be is not said here. */
  readonly abroad: readonly AddressAbroad[];
  /** Of a report address: what is reported there. */
  readonly about?: ReportAbout;
  /** Of a relay test's return that has the form of one. */
  readonly test?: TestAddress;
  /** Where it goes when nobody of that name is there after all; absent: nowhere. */
  readonly otherwise?: Route;
}

export type ReportAbout = "tls" | "relay";

/** An address that is no mailbox of this server. */
export interface AddressAbroad {
  /** Wire form, without brackets. */
  readonly address: string;
  readonly domain: Domain;
  /** The address or domain of ours that leads there; absent where the client named it itself. */
  readonly via?: string;
}

export interface Recipient {
  readonly forwardPath: ForwardPath;
  readonly sourceRoute: boolean;
}

/** Between user and tag of a sub-address: `user+tag` is `user`. */
export const SUBADDRESS_SEPARATOR = "+";

/** Addresses that one alias may lead to, itself and those on the way included. */
export const ALIAS_REACH_LIMIT = 1000;

/** Named in the records that `gatepost domain records` prints; its mail is collected. */
export const REPORTS_LOCAL = "tls-reports";

type Role = "role" | ReportAbout;

/** Local parts that every domain of ours takes mail for (RFC 5321 §4.5.1, RFC 2142 §4 and §5), and what their mail is. */
const ROLES: ReadonlyMap<string, Role> = new Map([
  ["postmaster", "role"],
  ["abuse", "role"],
  [REPORTS_LOCAL, "tls"],
]);

/** Whatever else is done, mail for these is somebody's already. */
export function isRoleLocal(local: string): boolean {
  return roleOf(localKey(local)) !== undefined;
}

/** Whoever is to be reached about trouble, whichever mailbox takes it. */
export function isRole(path: ForwardPath): boolean {
  return path === "postmaster" || ROLES.get(localKey(path.local)) === "role";
}

export interface RoutingDeps {
  readonly directory: RoutingDirectory;
  /** The mailbox that takes role mail which nobody else takes. */
  readonly postmaster: () => RoutedMailbox | undefined;
  /** Absent: none. */
  readonly gateways?: Gateways;
  /** Absent: nothing is forwarded from here. */
  readonly returns?: Returns;
  /** Where hosts that relay are reported, whatever mailbox or alias has the name. Absent: nowhere. */
  readonly relayReports?: Address;
  /** Absent: nothing is tested from here, or nothing of it comes back here. */
  readonly tests?: TestDomain;
}

const NO_GATEWAYS: Gateways = { has: () => false };
const NO_RETURNS: Returns = { read: () => ({ kind: "no return" }) };

export class Routing {
  readonly #directory: RoutingDirectory;
  readonly #postmaster: () => RoutedMailbox | undefined;
  readonly #gateways: Gateways;
  readonly #returns: Returns;
  readonly #tests: TestDomain | undefined;
  readonly #relayReports: Address | undefined;

  constructor({
    directory,
    postmaster,
    gateways = NO_GATEWAYS,
    returns = NO_RETURNS,
    tests,
    relayReports,
  }: RoutingDeps) {
    this.#directory = directory;
    this.#postmaster = postmaster;
    this.#gateways = gateways;
    this.#returns = returns;
    this.#tests = tests;
    this.#relayReports = relayReports;
  }

  route({ forwardPath, sourceRoute }: Recipient): Route {
    if (sourceRoute) return nowhere("source route");
    if (forwardPath === "postmaster") return this.#role("role");
    const { local, host } = forwardPath;
    if (hasRoutingCharacters(local)) return nowhere("routing characters");
    if (host.kind === "literal") return nowhere("address literal");
    if (this.#gateways.has(host.domain)) return this.#ofGateway(forwardPath, host.domain);
    const domain = this.#directory.domain(host.domain);
    if (domain === undefined)
      return (
        this.#ofTests(local, host.domain) ??
        elsewhere("foreign domain", abroad(forwardPath, host.domain))
      );
    return (
      this.#return(forwardPath, host.domain) ??
      this.#ofOurs(localKey(local), host.domain, domain.catchAll)
    );
  }

  /** Whether mail for an address of ours would go to this one too: an alias, or a return that may have expired since. */
  leadsTo(via: string, address: string): boolean {
    const forwardPath = parseAddress(via);
    if (typeof forwardPath === "string") return false;
    return this.route({ forwardPath, sourceRoute: false }).abroad.some(
      (one) => one.address === address,
    );
  }

  /** A return of the null path would be a circle; one to a domain of ours is as good as none. */
  #return(forwardPath: Address, domain: Domain): Route | undefined {
    const read = this.#returns.read(forwardPath.local, domain);
    switch (read.kind) {
      case "no return":
        return undefined;
      case "forged":
        return nowhere("forged return");
      case "valid":
      case "expired": {
        const { host } = read.original;
        if (host.kind === "literal" || this.#isOurs(host.domain)) return nowhere("forged return");
        const recipient = read.kind === "valid" ? "forward's return" : "stale return";
        const via = formatAddress(forwardPath);
        return elsewhere(recipient, { ...abroad(read.original, host.domain), via });
      }
    }
  }

  #isOurs(domain: Domain): boolean {
    return (
      this.#gateways.has(domain) ||
      this.#directory.domain(domain) !== undefined ||
      domain === this.#tests?.domain
    );
  }

  /** Nothing of the tester's domain is abroad, whatever stands in front of it. */
  #ofTests(local: string, domain: Domain): Route | undefined {
    if (domain !== this.#tests?.domain) return undefined;
    if (roleOf(localKey(local)) === "role") return this.#role("role");
    const test = this.#tests.read(local);
    return { ...nowhere("relay test's return"), ...(test !== undefined && { test }) };
  }

  /** Its mailboxes are elsewhere: none here is looked for, nor a catch-all. In the directory it may have aliases, and so returns. */
  #ofGateway(path: Address, domain: Domain): Route {
    const local = localKey(path.local);
    const role = roleOf(local);
    const isHeld = this.#directory.domain(domain) !== undefined;
    const here = isHeld
      ? (this.#return(path, domain) ?? this.#aliasTagged(local, domain))
      : undefined;
    // A role whose alias is broken is asked for where the mailboxes are.
    if (here !== undefined && (role === undefined || !leadsNowhere(here))) return here;
    const there = elsewhere("gateway recipient", { ...abroad(path, domain), via: domain });
    return role === undefined ? there : { ...there, otherwise: this.#role(role) };
  }

  #aliasTagged(local: string, domain: Domain): Route | undefined {
    return this.#alias(local, domain) ?? this.#alias(withoutTag(local), domain);
  }

  #ofOurs(local: string, domain: Domain, catchAll: MailboxId | undefined): Route {
    const user = withoutTag(local);
    if (this.#takesRelayReports([local, user], domain)) return this.#role("relay");
    const named = this.#named(local, domain) ?? this.#named(user, domain);
    // A role answers even where an administrator disabled its mailbox or broke its alias.
    const role = roleOf(local);
    if (role !== undefined && (named === undefined || leadsNowhere(named))) return this.#role(role);
    if (named !== undefined) return named;
    const caught = catchAll === undefined ? undefined : this.#directory.mailboxById(catchAll);
    return caught === undefined ? nowhere("unknown mailbox") : deposit("catch-all", [caught]);
  }

  #takesRelayReports(locals: readonly string[], domain: Domain): boolean {
    const address = this.#relayReports;
    if (address?.host.kind !== "domain" || address.host.domain !== domain) return false;
    return locals.includes(localKey(address.local));
  }

  #named(local: string, domain: Domain): Route | undefined {
    const mailbox = this.#directory.mailbox(local, domain);
    return mailbox === undefined ? this.#alias(local, domain) : deposit("mailbox", [mailbox]);
  }

  #alias(local: string, domain: Domain): Route | undefined {
    const alias = this.#directory.alias(local, domain);
    if (alias === undefined) return undefined;
    const behind = this.#behind(alias.targets, `${local}@${domain}`);
    if (behind.abroad.length > 0)
      return {
        recipient: "alias abroad",
        mailboxes: open(behind.mailboxes),
        abroad: behind.abroad,
      };
    return behind.mailboxes.length === 0
      ? nowhere("unknown mailbox")
      : deposit("alias", behind.mailboxes);
  }

  /**
   * Aliases may lead to aliases: each address is looked up once, so a circle ends. Whatever leads nowhere adds nothing.
   * Beyond the limit nobody can say who should get the mail: it throws.
   */
  #behind(targets: readonly string[], alias: string): Omit<Route, "recipient"> {
    const mailboxes: RoutedMailbox[] = [];
    const foreign: AddressAbroad[] = [];
    const addresses = new Set([alias]);
    const ahead = [...targets]; // grows while it is walked
    for (const target of ahead) {
      const address = parseAddress(target);
      if (typeof address === "string" || address.host.kind !== "domain") continue;
      const local = localKey(address.local);
      const { domain } = address.host;
      if (addresses.has(`${local}@${domain}`)) continue;
      if (addresses.size === ALIAS_REACH_LIMIT)
        throw new Error(`the alias ${alias} leads to more than ${ALIAS_REACH_LIMIT} addresses`);
      addresses.add(`${local}@${domain}`);
      const mailbox = this.#mailbox(local, domain);
      const next = mailbox === undefined ? this.#directory.alias(local, domain) : undefined;
      if (mailbox !== undefined) mailboxes.push(mailbox);
      else if (next !== undefined) for (const one of next.targets) ahead.push(one);
      else if (this.#isElsewhere(address.local, domain))
        foreign.push({ ...abroad(address, domain), via: alias });
    }
    return { mailboxes, abroad: foreign };
  }

  /** A name that some server would unpack into another address leads nowhere, also from here. */
  #isElsewhere(local: string, domain: Domain): boolean {
    if (hasRoutingCharacters(local)) return false;
    return this.#gateways.has(domain) || !this.#isOurs(domain);
  }

  /** What a directory still has of a gateway's domain is none. */
  #mailbox(local: string, domain: Domain): RoutedMailbox | undefined {
    return this.#gateways.has(domain) ? undefined : this.#directory.mailbox(local, domain);
  }

  #role(role: Role): Route {
    const mailbox = this.#postmaster();
    if (mailbox === undefined) return nowhere("role without mailbox");
    const mailboxes = [mailbox];
    if (role === "role") return { recipient: role, mailboxes, abroad: [] };
    return { recipient: "report address", about: role, mailboxes, abroad: [] };
  }
}

function leadsNowhere({ mailboxes, abroad: foreign }: Route): boolean {
  return mailboxes.length === 0 && foreign.length === 0;
}

/** Disabled mailboxes take nothing; only when no other is left does the sender hear of it. */
function deposit(recipient: RecipientClass, mailboxes: readonly RoutedMailbox[]): Route {
  const taking = open(mailboxes);
  return taking.length === 0
    ? nowhere("disabled mailbox")
    : { recipient, mailboxes: taking, abroad: [] };
}

function open(mailboxes: readonly RoutedMailbox[]): readonly RoutedMailbox[] {
  return mailboxes.filter((mailbox) => !mailbox.disabled);
}

function elsewhere(recipient: RecipientClass, address: AddressAbroad): Route {
  return { recipient, mailboxes: [], abroad: [address] };
}

function nowhere(recipient: RecipientClass): Route {
  return { recipient, mailboxes: [], abroad: [] };
}

function abroad(address: Address, domain: Domain): AddressAbroad {
  return { address: formatAddress(address), domain };
}

/** `local` is a local key. */
function roleOf(local: string): Role | undefined {
  return ROLES.get(withoutTag(local));
}

function withoutTag(local: string): string {
  const at = local.indexOf(SUBADDRESS_SEPARATOR);
  return at > 0 ? local.slice(0, at) : local;
}
