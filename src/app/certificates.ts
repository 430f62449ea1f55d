/** Certificates by which users' programs log in to send, as an administrator enters them: each by its key, for one mailbox. */
import { parsePin, PIN_EXPECTED } from "../mail/index.ts";
import type { Directory, MailboxEntry } from "../store/index.ts";
import { wireForm } from "./local-address.ts";
import { findMailbox } from "./mailboxes.ts";
import { nameFault } from "./peer-options.ts";
import { no, ProvedChanges, type Outcome } from "./proved-changes.ts";
import { withIssued, type AuthoritySite, type KeepIssued } from "./site-authority.ts";

export interface CertificateAdministrationDeps extends AuthoritySite {
  readonly directory: Directory;
}

/** As many as app passwords: more are hardly a person's own. */
export const CERTIFICATES_PER_MAILBOX = 50;

/** RFC 5280 appendix A.1, ub-common-name: characters. */
const COMMON_NAME_LIMIT = 64;

export class CertificateAdministration {
  readonly #deps: CertificateAdministrationDeps;
  readonly #changes: ProvedChanges;

  constructor(deps: CertificateAdministrationDeps) {
    this.#deps = deps;
    this.#changes = new ProvedChanges(deps.directory, () => Promise.resolve(undefined));
  }

  /** `pin`: of its public key, as an administrator writes it. */
  async add(address: string, name: string, pin: string): Promise<Outcome> {
    const mailbox = this.#mailboxWithRoom(address, name);
    if (typeof mailbox === "string") return no(mailbox);
    const key = parsePin(pin);
    if (key === undefined) return no(`--pin ${pin}: ${PIN_EXPECTED}, of its public key`);
    return this.#changes.plain({ kind: "add-certificate", mailbox: mailbox.id, name, key });
  }

  /** Makes a certificate of the site's own authority, and enters it by its key. `keep` has the key before it counts. */
  async invite(address: string, name: string, days: number, keep: KeepIssued): Promise<Outcome> {
    const mailbox = this.#mailboxWithRoom(address, name);
    if (typeof mailbox === "string") return no(mailbox);
    const { id } = mailbox;
    if (this.#has(mailbox, name))
      return no(`there is already a certificate "${name}"; remove it first`);
    const own = wireForm(mailbox);
    const subject = own.length <= COMMON_NAME_LIMIT ? own : name;
    return withIssued(this.#deps, this.#changes, { name: subject, days }, keep, (issued) => {
      const { pin: key, expiresAt } = issued;
      return this.#changes.plain({ kind: "add-certificate", mailbox: id, name, key, expiresAt });
    });
  }

  async remove(address: string, name: string): Promise<Outcome> {
    const mailbox = findMailbox(this.#deps.directory, address);
    if (typeof mailbox === "string") return no(mailbox);
    return this.#changes.plain({ kind: "remove-certificate", mailbox: mailbox.id, name });
  }

  #has({ id }: MailboxEntry, name: string): boolean {
    return this.#deps.directory.certificates(id).some((one) => one.name === name);
  }

  #mailboxWithRoom(address: string, name: string): MailboxEntry | string {
    const mailbox = findMailbox(this.#deps.directory, address);
    if (typeof mailbox === "string") return mailbox;
    const count = this.#deps.directory.certificates(mailbox.id).length;
    return (
      nameFault(name, "certificate", "laptop") ??
      (count < CERTIFICATES_PER_MAILBOX
        ? mailbox
        : `${address} has ${CERTIFICATES_PER_MAILBOX} certificates, which is the limit`)
    );
  }
}
