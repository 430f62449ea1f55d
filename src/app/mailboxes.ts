/** Mailboxes as an administrator makes and changes them: their passwords, app passwords, quotas, and what they may send as. */
import { parseDomain, type Domain, type SenderGrant } from "../mail/index.ts";
import {
  APP_PASSWORDS_PER_MAILBOX,
  appPasswordHash,
  PASSWORD_OCTETS,
  preparePassword,
  type Verifiers,
} from "../service/accounts/index.ts";
import type {
  AppPasswordProtocol,
  Directory,
  DirectoryReads,
  MailboxEntry,
} from "../store/index.ts";
import { aliasTo } from "./alias-uses.ts";
import { parseLocalAddress, parseNewName, wireForm, type LocalAddress } from "./local-address.ts";
import { no, type Outcome, type ProvedChanges } from "./proved-changes.ts";

export interface NewAppPassword {
  /** Its owner's word for it, such as "phone". */
  readonly name: string;
  readonly protocol: AppPasswordProtocol;
  readonly password: string;
}

export interface MailboxAdministrationDeps {
  readonly directory: Directory;
  /** The configured postmaster: its mailbox must stay. */
  readonly postmaster: LocalAddress;
  /** Where the mailboxes of a domain are, in words, when they are not here. */
  mailboxesElsewhere(domain: Domain): string | undefined;
  makeVerifiers(password: string): Promise<Verifiers>;
}

export class MailboxAdministration {
  readonly #deps: MailboxAdministrationDeps;
  readonly #directory: Directory;
  readonly #changes: ProvedChanges;

  constructor(deps: MailboxAdministrationDeps, changes: ProvedChanges) {
    this.#deps = deps;
    this.#directory = deps.directory;
    this.#changes = changes;
  }

  async add(address: string, password: string, quotaOctets?: number): Promise<Outcome> {
    const named = parseNewName(address);
    if (typeof named === "string") return no(named);
    const there = this.#deps.mailboxesElsewhere(named.domain);
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
    const mailbox = this.find(address);
    if (typeof mailbox === "string") return no(mailbox);
    const fault = passwordFault(password);
    if (fault !== undefined) return no(fault);
    const verifiers = await this.#deps.makeVerifiers(password);
    return this.#changes.plain({ kind: "set-mailbox", id: mailbox.id, ...verifiers });
  }

  async set(
    address: string,
    change: {
      readonly quotaOctets?: number | null;
      readonly disabled?: boolean;
      readonly sendingFactor?: number | null;
    },
  ): Promise<Outcome> {
    const mailbox = this.find(address);
    if (typeof mailbox === "string") return no(mailbox);
    return this.#changes.plain({ kind: "set-mailbox", id: mailbox.id, ...change });
  }

  async remove(address: string): Promise<Outcome> {
    const mailbox = this.find(address);
    if (typeof mailbox === "string") return no(mailbox);
    const use = this.#useOf(mailbox);
    return use === undefined
      ? this.#changes.plain({ kind: "remove-mailbox", id: mailbox.id })
      : no(`${address} cannot be removed: ${use}`);
  }

  /** The mailbox of exactly this address, or why there is none. */
  find(text: string): MailboxEntry | string {
    return findMailbox(this.#directory, text);
  }

  // ---- App passwords ----

  /** `password` is one that `generateAppPassword` made. */
  async addAppPassword(
    address: string,
    { name, protocol, password }: NewAppPassword,
  ): Promise<Outcome> {
    const mailbox = this.find(address);
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
    const mailbox = this.find(address);
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
    const mailbox = this.find(address);
    if (typeof mailbox === "string") return Promise.resolve(no(mailbox));
    const granted = senderGrant(sender);
    return typeof granted === "string"
      ? Promise.resolve(no(granted))
      : this.#changes.plain({ kind, mailbox: mailbox.id, sender: granted });
  }

  /** What would break if the mailbox went. */
  #useOf(mailbox: MailboxEntry): string | undefined {
    if (wireForm(mailbox) === wireForm(this.#deps.postmaster))
      return "it takes the mail for postmaster; name another one in the setting `postmaster` first";
    const caught = this.#directory.domains().find(({ catchAll }) => catchAll === mailbox.id);
    if (caught !== undefined) return `it is the catch-all of ${caught.name}; change that first`;
    return aliasTo(this.#directory, mailbox);
  }
}

/** The mailbox of exactly this address, or why there is none. */
export function findMailbox(directory: DirectoryReads, text: string): MailboxEntry | string {
  const address = parseLocalAddress(text);
  if (typeof address === "string") return address;
  return directory.mailbox(address.local, address.domain) ?? `there is no mailbox ${text} here`;
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
