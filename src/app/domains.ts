/** The domains that mail is taken for, as an administrator adds and removes them, with their DKIM keys. */
import { parseDomain, type Domain } from "../mail/index.ts";
import type { Directory, DkimKey } from "../store/index.ts";
import { aliasInto } from "./alias-uses.ts";
import { findMailbox } from "./mailboxes.ts";
import { no, type Outcome, type ProvedChanges } from "./proved-changes.ts";

export interface DomainAdministrationDeps {
  readonly directory: Directory;
  /** Where the setting `relay.domains` says that a domain's mailboxes are, in words: it has none here. Undefined for all others. */
  mailboxesElsewhere(domain: Domain): string | undefined;
  /** Where relay tests come back to (setting `tester.domain`): nobody has mail there. */
  readonly testerDomain: Domain | undefined;
  /** New key pairs for a domain that has these selectors already. */
  makeDkimKeys(taken: readonly string[]): Promise<readonly DkimKey[]>;
  /** Milliseconds since 1970. */
  now(): number;
}

/**
 * How long the record of a retired DKIM key is to stay, milliseconds: mail that it signed may be in queues for days (RFC 5321
 * §4.5.4.1), and some programs check signatures when mail is read.
 */
const DKIM_RETIRED_MS = 14 * 24 * 3_600_000;

export class DomainAdministration {
  readonly #deps: DomainAdministrationDeps;
  readonly #directory: Directory;
  readonly #changes: ProvedChanges;

  constructor(deps: DomainAdministrationDeps, changes: ProvedChanges) {
    this.#deps = deps;
    this.#directory = deps.directory;
    this.#changes = changes;
  }

  add(name: string): Promise<Outcome> {
    return this.#withDomain(name, async (domain) => {
      if (domain === this.#deps.testerDomain)
        return no(
          `${domain} is where relay tests come back to (setting tester.domain), and nobody can have mail there`,
        );
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
      const mailbox = findMailbox(this.#directory, catchAll);
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

  remove(name: string): Promise<Outcome> {
    return this.#withDomain(name, (domain) => {
      const stays = this.mailboxesElsewhere(domain) !== undefined; // its mail goes there with or without this entry
      const use = stays ? undefined : aliasInto(this.#directory, domain);
      return use === undefined
        ? this.#changes.plain({ kind: "remove-domain", domain })
        : Promise.resolve(no(`${domain} cannot be removed: ${use}`));
    });
  }

  /** Where its mailboxes are, in words, when they are not here. */
  mailboxesElsewhere(domain: Domain): string | undefined {
    return this.#deps.mailboxesElsewhere(domain);
  }

  #withDomain(name: string, then: (domain: Domain) => Promise<Outcome>): Promise<Outcome> {
    const domain = parseDomain(name);
    return domain === undefined
      ? Promise.resolve(no(`"${name}" is no domain name; expected one such as example.org`))
      : then(domain);
  }
}
