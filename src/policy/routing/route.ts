/**
 * Recipient → where its mail would go. A recipient's class is one word of a closed list: the decision table
 * ranges over these words and nothing else, so a new kind of recipient cannot slip past it.
 */
import {
  hasRoutingCharacters,
  localKey,
  parseAddress,
  type Domain,
  type ForwardPath,
  type MailboxId,
} from "../../mail/index.ts";
import type { RoutedMailbox, RoutingDirectory } from "./directory.ts";

export const RECIPIENT_CLASSES = [
  "mailbox",
  "alias",
  /** postmaster or abuse (RFC 2142) of a domain of ours, or the bare `<postmaster>`. */
  "role",
  "catch-all",
  "disabled mailbox",
  "unknown mailbox",
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
}

export interface Recipient {
  readonly forwardPath: ForwardPath;
  readonly sourceRoute: boolean;
}

/** Between user and tag of a sub-address: `user+tag` is `user`. */
export const SUBADDRESS_SEPARATOR = "+";

/** Addresses that one alias may lead to, itself and those on the way included. */
export const ALIAS_REACH_LIMIT = 1000;

/** Local parts that every domain of ours takes mail for (RFC 5321 §4.5.1, RFC 2142 §4 and §5). */
const ROLES = new Set(["postmaster", "abuse"]);

export class Routing {
  readonly #directory: RoutingDirectory;
  readonly #postmaster: () => RoutedMailbox | undefined;

  /** `postmaster` finds the mailbox that takes role mail which nobody else takes. */
  constructor(directory: RoutingDirectory, postmaster: () => RoutedMailbox | undefined) {
    this.#directory = directory;
    this.#postmaster = postmaster;
  }

  route({ forwardPath, sourceRoute }: Recipient): Route {
    if (sourceRoute) return nowhere("source route");
    if (forwardPath === "postmaster") return this.#role();
    const { local, host } = forwardPath;
    if (hasRoutingCharacters(local)) return nowhere("routing characters");
    if (host.kind === "literal") return nowhere("address literal");
    const domain = this.#directory.domain(host.domain);
    if (domain === undefined) return nowhere("foreign domain");
    return this.#ofOurs(localKey(local), host.domain, domain.catchAll);
  }

  #ofOurs(local: string, domain: Domain, catchAll: MailboxId | undefined): Route {
    const user = withoutTag(local);
    const named = this.#named(local, domain) ?? this.#named(user, domain);
    // A role answers even where an administrator disabled its mailbox or broke its alias.
    if (ROLES.has(user) && (named === undefined || named.mailboxes.length === 0))
      return this.#role();
    if (named !== undefined) return named;
    const caught = catchAll === undefined ? undefined : this.#directory.mailboxById(catchAll);
    return caught === undefined ? nowhere("unknown mailbox") : deposit("catch-all", [caught]);
  }

  #named(local: string, domain: Domain): Route | undefined {
    const mailbox = this.#directory.mailbox(local, domain);
    if (mailbox !== undefined) return deposit("mailbox", [mailbox]);
    const alias = this.#directory.alias(local, domain);
    if (alias === undefined) return undefined;
    const mailboxes = this.#mailboxesBehind(alias.targets, `${local}@${domain}`);
    return mailboxes.length === 0 ? nowhere("unknown mailbox") : deposit("alias", mailboxes);
  }

  /**
   * Aliases may lead to aliases: each address is looked up once, so a circle ends. Whatever leads nowhere or abroad
   * adds nothing. Beyond the limit nobody can say who should get the mail: it throws.
   */
  #mailboxesBehind(targets: readonly string[], alias: string): readonly RoutedMailbox[] {
    const mailboxes: RoutedMailbox[] = [];
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
      const mailbox = this.#directory.mailbox(local, domain);
      if (mailbox !== undefined) mailboxes.push(mailbox);
      else for (const next of this.#directory.alias(local, domain)?.targets ?? []) ahead.push(next);
    }
    return mailboxes;
  }

  #role(): Route {
    const mailbox = this.#postmaster();
    if (mailbox === undefined) return nowhere("role without mailbox");
    return { recipient: "role", mailboxes: [mailbox] };
  }
}

/** Disabled mailboxes take nothing; only when no other is left does the sender hear of it. */
function deposit(recipient: RecipientClass, mailboxes: readonly RoutedMailbox[]): Route {
  const open = mailboxes.filter((mailbox) => !mailbox.disabled);
  return open.length === 0 ? nowhere("disabled mailbox") : { recipient, mailboxes: open };
}

function nowhere(recipient: RecipientClass): Route {
  return { recipient, mailboxes: [] };
}

function withoutTag(local: string): string {
  const at = local.indexOf(SUBADDRESS_SEPARATOR);
  return at > 0 ? local.slice(0, at) : local;
}
