/**
 * Who somebody is by name and password. A name that does not exist is checked as long as one that does, and
 * answered alike. Every refusal is a value; only a broken machine rejects.
 */
import { localKey, parseAddress, type Domain, type MailboxId } from "../../mail/index.ts";
import { errorText, type Clock, type Random } from "../../runtime/index.ts";
import { StoreError, type MailboxEntry } from "../../store/index.ts";
import { HashingQueue } from "./hashing-queue.ts";
import { preparePassword, type Password } from "./password.ts";
import { RememberedLogins } from "./remembered-logins.ts";
import type { AccountsSettings } from "./settings.ts";
import { isRight, makeVerifier, parseVerifier } from "./verifier.ts";

/** What is read of the directory; it throws a StoreError when it cannot be read. */
export interface LoginDirectory {
  mailbox(local: string, domain: Domain): MailboxEntry | undefined;
  mailboxById(id: MailboxId): MailboxEntry | undefined;
  verifier(id: MailboxId): string | undefined;
}

export type Authentication =
  | { readonly kind: "ok"; readonly mailbox: MailboxEntry }
  /** No such name, no such password, or both: nobody outside learns which. */
  | { readonly kind: "wrong" }
  /** The password was right. */
  | { readonly kind: "disabled" }
  /** Too many logins are being checked; nothing was found out about this one. */
  | { readonly kind: "busy" }
  /** The directory did not answer. */
  | { readonly kind: "unavailable"; readonly reason: string }
  /** The stored verifier is none: an administrator has to set a new password. */
  | { readonly kind: "damaged"; readonly reason: string };

export interface AccountsDeps {
  readonly directory: LoginDirectory;
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: AccountsSettings;
}

/** Whom a name means, and what the password is held against. */
interface Candidate {
  /** Undefined: nobody; the verifier is a dummy that no password fits. */
  readonly id: MailboxId | undefined;
  readonly verifier: string;
}

export class Accounts {
  readonly #directory: LoginDirectory;
  readonly #clock: Clock;
  readonly #queue: HashingQueue;
  readonly #remembered: RememberedLogins;
  /** Of a password that nobody has ever seen. */
  readonly #dummy: string;

  private constructor({ directory, clock, random, settings }: AccountsDeps, dummy: string) {
    this.#directory = directory;
    this.#clock = clock;
    this.#queue = new HashingQueue({
      atOnce: settings.checks_at_once,
      waiting: settings.checks_waiting,
    });
    this.#remembered = new RememberedLogins(random, {
      lifetimeMs: settings.remembered_seconds * 1000,
      logins: settings.remembered_logins,
    });
    this.#dummy = dummy;
  }

  static async open(deps: AccountsDeps): Promise<Accounts> {
    const nobodys = Buffer.from(deps.random.octets(32)).toString("base64");
    return new Accounts(deps, await makeVerifier(nobodys, deps.random));
  }

  /** `login` is a whole address; `password` as the client sent it. */
  async authenticate(login: string, password: string): Promise<Authentication> {
    const form = preparePassword(password);
    if (typeof form !== "string") return { kind: "wrong" }; // no account has such a password
    try {
      return await this.#check(this.#candidate(login), form);
    } catch (error) {
      if (error instanceof StoreError) return { kind: "unavailable", reason: errorText(error) };
      throw error;
    }
  }

  async #check(candidate: Candidate, password: Password): Promise<Authentication> {
    const { id, verifier } = candidate;
    if (this.#remembered.isRemembered(id, verifier, password, this.#clock.elapsed()))
      return this.#welcome(candidate);
    const parsed = parseVerifier(verifier);
    if (parsed === undefined)
      return { kind: "damaged", reason: "its stored verifier is unreadable" };
    const right = await this.#queue.run(() => isRight(password, parsed));
    if (right === undefined) return { kind: "busy" };
    if (!right || id === undefined) return { kind: "wrong" };
    this.#remembered.remember(id, verifier, password, this.#clock.elapsed());
    return this.#welcome(candidate);
  }

  /** The password was right; but the mailbox may have changed while it was checked, and may be disabled. */
  #welcome({ id, verifier }: Candidate): Authentication {
    const mailbox = id === undefined ? undefined : this.#directory.mailboxById(id);
    if (mailbox === undefined || this.#directory.verifier(mailbox.id) !== verifier)
      return { kind: "wrong" };
    return mailbox.disabled ? { kind: "disabled" } : { kind: "ok", mailbox };
  }

  #candidate(login: string): Candidate {
    const address = parseAddress(login);
    const mailbox =
      typeof address === "string" || address.host.kind !== "domain"
        ? undefined
        : this.#directory.mailbox(localKey(address.local), address.host.domain);
    const verifier = mailbox === undefined ? undefined : this.#directory.verifier(mailbox.id);
    return mailbox === undefined || verifier === undefined
      ? { id: undefined, verifier: this.#dummy }
      : { id: mailbox.id, verifier };
  }
}
