/**
 * Changes to the directory as an administrator asks for them: checked in words, proved where they touch the relay
 * decision, committed in one transaction. A running server sees them with its next command.
 */
import {
  faultText,
  formatAddress,
  formatLocalPart,
  hasRoutingCharacters,
  localKey,
  parseAddress,
  parseDomain,
  type Domain,
  type SenderGrant,
} from "../mail/index.ts";
import { SUBADDRESS_SEPARATOR } from "../policy/routing/index.ts";
import {
  APP_PASSWORDS_PER_MAILBOX,
  appPasswordHash,
  PASSWORD_OCTETS,
  preparePassword,
  type Verifiers,
} from "../service/accounts/index.ts";
import type {
  AliasEntry,
  AppPasswordProtocol,
  Directory,
  DirectoryReads,
  DkimKey,
  MailboxEntry,
} from "../store/index.ts";
import { no, ProvedChanges, type Outcome, type ProveDirectory } from "./proved-changes.ts";

/** A local part and a domain of our own, as the directory knows them. */
export interface LocalAddress {
  readonly local: string;
  readonly domain: Domain;
}

export interface NewAppPassword {
  /** Its owner's word for it, such as "phone". */
  readonly name: string;
  readonly protocol: AppPasswordProtocol;
  readonly password: string;
}

export interface AdministrationDeps {
  readonly directory: Directory;
  /** The configured postmaster: its mailbox must stay. */
  readonly postmaster: LocalAddress;
  /** Where the setting `relay.domains` says that a domain's mailboxes are, in words: it has none here. Undefined for all others. */
  mailboxesElsewhere(domain: Domain): string | undefined;
  makeVerifiers(password: string): Promise<Verifiers>;
  /** New key pairs for a domain that has these selectors already. */
  makeDkimKeys(taken: readonly string[]): Promise<readonly DkimKey[]>;
  /** Milliseconds since 1970. */
  now(): number;
  readonly prove: ProveDirectory;
}

/**
 * How long the record of a retired DKIM key is to stay, milliseconds: mail that it signed may be in queues for days (RFC 5321
 * §4.5.4.1), and some programs check signatures when mail is read.
 */
const DKIM_RETIRED_MS = 14 * 24 * 3_600_000;

export class Administration {
  readonly #deps: AdministrationDeps;
  readonly #directory: Directory;
  readonly #changes: ProvedChanges;

  constructor(deps: AdministrationDeps) {
    this.#deps = deps;
    this.#directory = deps.directory;
    this.#changes = new ProvedChanges(deps.directory, deps.prove);
  }

  // ---- Domains ----

  addDomain(name: string): Promise<Outcome> {
    return this.#withDomain(name, async (domain) => {
      const dkimKeys = await this.#deps.makeDkimKeys([]);
      return this.#changes.proved({ kind: "add-domain", domain, dkimKeys });
    });
  }

  /** `catchAll` is a mailbox's address, or null for none. */
  setCatchAll(name: string, catchAll: string | null): Promise<Outcome> {
    return this.#withDomain(name, async (domain) => {
      if (catchAll === null) return this.#changes.proved({ kind: "set-domain", domain, catchAll });
      const there = this.mailboxesElsewhere(domain);
      if (there !== undefined)
        return no(
          `${domain} cannot have a catch-all here: its mailboxes are at ${there} (setting relay.domains)`,
        );
      const mailbox = this.mailbox(catchAll);
      return typeof mailbox === "string"
        ? no(mailbox)
        : this.#changes.proved({ kind: "set-domain", domain, catchAll: mailbox.id });
    });
  }

  /** Makes new DKIM keys. A domain's first sign at once; later ones when the rotation is finished. */
  rotateDkimKeys(name: string): Promise<Outcome> {
    return this.#withDomain(name, async (domain) => {
      const taken = this.#directory.dkimKeys(domain).map(({ selector }) => selector);
      const keys = await this.#deps.makeDkimKeys(taken);
      return this.#changes.plain({ kind: "add-dkim-keys", domain, keys });
    });
  }

  /** The new keys sign from now on; the records of those before are to stay for a while. */
  finishDkimRotation(name: string): Promise<Outcome> {
    return this.#withDomain(name, (domain) => {
      const retiredUntil = this.#deps.now() + DKIM_RETIRED_MS;
      return this.#changes.plain({ kind: "turn-dkim-keys", domain, retiredUntil });
    });
  }

  removeDomain(name: string): Promise<Outcome> {
    return this.#withDomain(name, (domain) => {
      const stays = this.mailboxesElsewhere(domain) !== undefined; // its mail goes there with or without this entry
      const use = stays ? undefined : this.#aliasInto(domain);
      return use === undefined
        ? this.#changes.plain({ kind: "remove-domain", domain })
        : Promise.resolve(no(`${domain} cannot be removed: ${use}`));
    });
  }

  /** Where its mailboxes are, in words, when they are not here. */
  mailboxesElsewhere(domain: Domain): string | undefined {
    return this.#deps.mailboxesElsewhere(domain);
  }

  // ---- Mailboxes ----

  async addMailbox(address: string, password: string, quotaOctets?: number): Promise<Outcome> {
    const named = this.#newName(address);
    if (typeof named === "string") return no(named);
    const there = this.mailboxesElsewhere(named.domain);
    if (there !== undefined)
      return no(
        `${address} cannot be made here: the mailboxes of ${named.domain} are at ${there} (setting relay.domains)`,
      );
    const fault = passwordFault(password);
    if (fault !== undefined) return no(fault);
    const verifiers = await this.#deps.makeVerifiers(password);
    const quota = quotaOctets === undefined ? {} : { quotaOctets };
    return this.#changes.plain({ kind: "add-mailbox", ...named, ...verifiers, ...quota });
  }

  async setPassword(address: string, password: string): Promise<Outcome> {
    const mailbox = this.mailbox(address);
    if (typeof mailbox === "string") return no(mailbox);
    const fault = passwordFault(password);
    if (fault !== undefined) return no(fault);
    const verifiers = await this.#deps.makeVerifiers(password);
    return this.#changes.plain({ kind: "set-mailbox", id: mailbox.id, ...verifiers });
  }

  async setMailbox(
    address: string,
    change: {
      readonly quotaOctets?: number | null;
      readonly disabled?: boolean;
      readonly sendingFactor?: number | null;
    },
  ): Promise<Outcome> {
    const mailbox = this.mailbox(address);
    if (typeof mailbox === "string") return no(mailbox);
    return this.#changes.plain({ kind: "set-mailbox", id: mailbox.id, ...change });
  }

  async removeMailbox(address: string): Promise<Outcome> {
    const mailbox = this.mailbox(address);
    if (typeof mailbox === "string") return no(mailbox);
    const use = this.#useOf(mailbox);
    return use === undefined
      ? this.#changes.plain({ kind: "remove-mailbox", id: mailbox.id })
      : no(`${address} cannot be removed: ${use}`);
  }

  /** The mailbox of exactly this address, or why there is none. */
  mailbox(text: string): MailboxEntry | string {
    const address = parseLocalAddress(text);
    if (typeof address === "string") return address;
    return (
      this.#directory.mailbox(address.local, address.domain) ?? `there is no mailbox ${text} here`
    );
  }

  // ---- App passwords ----

  /** `password` is one that `generateAppPassword` made. */
  async addAppPassword(
    address: string,
    { name, protocol, password }: NewAppPassword,
  ): Promise<Outcome> {
    const mailbox = this.mailbox(address);
    if (typeof mailbox === "string") return no(mailbox);
    const fault = appPasswordNameFault(name);
    if (fault !== undefined) return no(fault);
    const hash = appPasswordHash(password);
    if (hash === undefined) throw new RangeError("an app password is one that was made as one");
    if (this.#directory.appPasswords(mailbox.id).length >= APP_PASSWORDS_PER_MAILBOX)
      return no(`${address} has ${APP_PASSWORDS_PER_MAILBOX} app passwords, which is the limit`);
    return this.#changes.plain({
      kind: "add-app-password",
      mailbox: mailbox.id,
      name,
      hash,
      protocol,
    });
  }

  async removeAppPassword(address: string, name: string): Promise<Outcome> {
    const mailbox = this.mailbox(address);
    if (typeof mailbox === "string") return no(mailbox);
    return this.#changes.plain({ kind: "remove-app-password", mailbox: mailbox.id, name });
  }

  // ---- Senders ----

  /** `sender` is an address, of whatever domain, or "@" and a domain for all of its addresses. */
  changeSender(
    address: string,
    sender: string,
    kind: "allow-sender" | "deny-sender",
  ): Promise<Outcome> {
    const mailbox = this.mailbox(address);
    if (typeof mailbox === "string") return Promise.resolve(no(mailbox));
    const granted = senderGrant(sender);
    return typeof granted === "string"
      ? Promise.resolve(no(granted))
      : this.#changes.plain({ kind, mailbox: mailbox.id, sender: granted });
  }

  // ---- Aliases ----

  /** Makes the alias ("add"), or points one that is there elsewhere ("set"). */
  async setAlias(
    address: string,
    targets: readonly string[],
    how: "add" | "set",
  ): Promise<Outcome> {
    const alias = this.#newName(address);
    if (typeof alias === "string") return no(alias);
    const there = this.#directory.alias(alias.local, alias.domain) !== undefined;
    if (there && how === "add")
      return no(`there is an alias ${address} already; \`alias set\` changes it`);
    if (!there && how === "set") return no(`there is no alias ${address}; \`alias add\` makes it`);
    if (targets.length === 0) return no(`${address}: an alias needs an address to lead to`);
    const checked = targets.map((target) => this.#target(target, alias));
    const problem = checked.find((target) => typeof target === "object");
    if (typeof problem === "object") return no(problem.problem);
    const each = new Set(checked.filter((one) => typeof one === "string"));
    return this.#changes.proved({ kind: "set-alias", alias: { ...alias, targets: [...each] } });
  }

  async removeAlias(address: string): Promise<Outcome> {
    const named = parseLocalAddress(address);
    if (typeof named === "string") return no(named);
    const use = this.#aliasTo(named);
    return use === undefined
      ? this.#changes.proved({ kind: "remove-alias", ...named })
      : no(`${address} cannot be removed: ${use}`);
  }

  /** A target's wire form: a mailbox or alias of ours that does not lead back to the alias, or an address elsewhere. */
  #target(text: string, alias: LocalAddress): string | { readonly problem: string } {
    const target = parseLocalAddress(text);
    if (typeof target === "string") return { problem: target };
    if (this.#directory.domain(target.domain) === undefined) return this.#targetAbroad(text);
    const [where, from] = [wireForm(target), wireForm(alias)];
    if (this.#directory.mailbox(target.local, target.domain) !== undefined) return where;
    const there = this.mailboxesElsewhere(target.domain);
    if (this.#directory.alias(target.local, target.domain) !== undefined)
      return this.#leadsTo(target, from, new Set())
        ? { problem: `${text} leads back to ${from}` }
        : where;
    if (where === from && there !== undefined)
      return {
        problem: `${text} leads back to itself: its mailbox at ${there} gets no mail while there is an alias of that name`,
      };
    return there !== undefined
      ? this.#targetAbroad(text)
      : { problem: `${text} is neither a mailbox nor an alias here` };
  }

  /** Its local part is the other server's: it stays as it was written. */
  #targetAbroad(text: string): string | { readonly problem: string } {
    const address = parseAddress(text);
    if (typeof address === "string") return { problem: `"${text}" cannot be used: ${address}` };
    if (hasRoutingCharacters(address.local))
      return {
        problem: `${text}: mail is not forwarded to a name with % ! @ / | or a leading dot`,
      };
    return formatAddress(address);
  }

  #leadsTo(from: LocalAddress, goal: string, seen: Set<string>): boolean {
    const here = wireForm(from);
    if (here === goal) return true;
    if (seen.has(here)) return false;
    seen.add(here);
    const targets = this.#directory.alias(from.local, from.domain)?.targets ?? [];
    return targets.some((text) => {
      const next = parseLocalAddress(text);
      return typeof next !== "string" && this.#leadsTo(next, goal, seen);
    });
  }

  // ---- Common ground ----

  #withDomain(name: string, then: (domain: Domain) => Promise<Outcome>): Promise<Outcome> {
    const domain = parseDomain(name);
    return domain === undefined
      ? Promise.resolve(no(`"${name}" is no domain name; expected one such as example.org`))
      : then(domain);
  }

  /** A name for a mailbox or an alias: one that mail can reach and nothing else can be read from. */
  #newName(text: string): LocalAddress | string {
    const address = parseLocalAddress(text);
    if (typeof address === "string") return address;
    if (hasRoutingCharacters(address.local))
      return `${text}: a name here has none of % ! @ / | and no leading dot`;
    if (address.local === "") return `${text}: a name here has at least one character`;
    if (address.local.includes(SUBADDRESS_SEPARATOR))
      return `${text}: "${SUBADDRESS_SEPARATOR}" is for sub-addresses; mail for name+tag goes to name`;
    return address;
  }

  /** What would break if the mailbox went. */
  #useOf(mailbox: MailboxEntry): string | undefined {
    if (wireForm(mailbox) === wireForm(this.#deps.postmaster))
      return "it takes the mail for postmaster; name another one in the setting `postmaster` first";
    const caught = this.#directory.domains().find(({ catchAll }) => catchAll === mailbox.id);
    if (caught !== undefined) return `it is the catch-all of ${caught.name}; change that first`;
    return this.#aliasTo(mailbox);
  }

  #aliasTo(target: LocalAddress): string | undefined {
    const address = wireForm(target);
    for (const alias of everyAlias(this.#directory))
      if (alias.targets.includes(address))
        return `the alias ${wireForm(alias)} leads to it; change that first`;
    return undefined;
  }

  /** Without its domain, what an alias leads to would be an address elsewhere, and the mail would leave. */
  #aliasInto(domain: Domain): string | undefined {
    for (const alias of everyAlias(this.#directory))
      for (const target of alias.targets)
        if (alias.domain !== domain && target.endsWith(`@${domain}`))
          return `the alias ${wireForm(alias)} leads to ${target}; change that first`;
    return undefined;
  }
}

/** An address as an administrator writes it, as the directory knows it; or what is wrong with it. */
export function parseLocalAddress(text: string): LocalAddress | string {
  const address = parseAddress(text);
  if (typeof address === "string") return `"${text}" cannot be used: ${faultText(address)}`;
  if (address.host.kind === "literal")
    return `"${text}" cannot be used: its domain is an address literal`;
  return { local: localKey(address.local), domain: address.host.domain };
}

/** What a mailbox may send as, as an administrator writes it; or what is wrong with it. */
function senderGrant(text: string): SenderGrant | string {
  if (!text.startsWith("@")) {
    const address = parseLocalAddress(text);
    const nameless = typeof address !== "string" && address.local === "";
    return nameless ? `${text}: an address to send as has a name before the @` : address;
  }
  const domain = parseDomain(text.slice(1));
  return domain === undefined
    ? `"${text}" is no domain; expected an address, or one such as @example.org`
    : { domain };
}

/** As it stands in an alias and as it can be typed again: quoted where it needs it. */
function wireForm({ local, domain }: LocalAddress): string {
  return `${formatLocalPart(local)}@${domain}`;
}

function passwordFault(password: string): string | undefined {
  const prepared = preparePassword(password);
  if (typeof prepared === "string") return undefined;
  return `the password cannot be used (${prepared.fault}); expected 1 to ${PASSWORD_OCTETS} octets of text`;
}

/** Characters: it stands in tables and in the journal. */
const APP_PASSWORD_NAME_LIMIT = 64;

function appPasswordNameFault(name: string): string | undefined {
  const fits = name !== "" && name.length <= APP_PASSWORD_NAME_LIMIT && name === name.trim();
  if (fits && !/[\p{Cc}\p{Cs}]/u.test(name)) return undefined;
  return `"${name}" cannot name an app password; expected 1 to ${APP_PASSWORD_NAME_LIMIT} characters such as phone`;
}

/** Rows read at once when all are wanted. */
const PAGE = 500;

export function* everyAlias(directory: DirectoryReads): Generator<AliasEntry> {
  let page = directory.aliases({ limit: PAGE });
  for (;;) {
    yield* page;
    const after = page.at(-1);
    if (after === undefined || page.length < PAGE) return;
    page = directory.aliases({ after, limit: PAGE });
  }
}

export function* everyMailbox(directory: DirectoryReads, domain?: Domain): Generator<MailboxEntry> {
  const of = domain === undefined ? {} : { domain };
  let page = directory.mailboxes({ ...of, limit: PAGE });
  for (;;) {
    yield* page;
    const after = page.at(-1);
    if (after === undefined || page.length < PAGE) return;
    page = directory.mailboxes({ ...of, after, limit: PAGE });
  }
}
