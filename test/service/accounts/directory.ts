/** A directory in memory, as far as logins read it. */
import { parseAddress, localKey, type Domain, type MailboxId } from "../../../src/mail/index.ts";
import type { LoginDirectory } from "../../../src/service/accounts/index.ts";
import {
  StoreError,
  type AppPasswordEntry,
  type CertificateEntry,
  type MailboxEntry,
} from "../../../src/store/index.ts";

export class MemoryDirectory implements LoginDirectory {
  readonly #entries = new Map<MailboxId, MailboxEntry>();
  readonly #verifiers = new Map<MailboxId, string>();
  readonly #scramVerifiers = new Map<MailboxId, string>();
  readonly #appPasswords = new Map<MailboxId, readonly AppPasswordEntry[]>();
  readonly #certificates = new Map<string, CertificateEntry>();
  /** Uses of app passwords, and of certificates by their keys, that were noted. */
  readonly notes: { readonly name: string; readonly at: number }[] = [];
  broken = false;

  /** Adds a mailbox, or changes it. */
  set(address: string, { verifier = "", scramVerifier = "", disabled = false } = {}): MailboxEntry {
    const { local, domain } = partsOf(address);
    const id = this.mailbox(local, domain)?.id ?? ((this.#entries.size + 1) as MailboxId); // this store's own key
    const entry: MailboxEntry = {
      id,
      local,
      domain,
      disabled,
      usedOctets: 0,
      messages: 0,
      createdAt: 0,
    };
    this.#entries.set(id, entry);
    if (verifier !== "") this.#verifiers.set(id, verifier);
    if (scramVerifier !== "") this.#scramVerifiers.set(id, scramVerifier);
    return entry;
  }

  setAppPasswords({ id }: MailboxEntry, entries: readonly AppPasswordEntry[]): void {
    this.#appPasswords.set(id, entries);
  }

  setCertificates({ id: mailbox }: MailboxEntry, names: ReadonlyMap<string, string>): void {
    this.#certificates.clear();
    for (const [key, name] of names)
      this.#certificates.set(key, { mailbox, name, key, createdAt: 0 });
  }

  remove(address: string): void {
    const { local, domain } = partsOf(address);
    const entry = this.mailbox(local, domain);
    if (entry !== undefined) this.#entries.delete(entry.id);
  }

  mailbox(local: string, domain: Domain): MailboxEntry | undefined {
    this.#answer();
    return [...this.#entries.values()].find(
      (entry) => entry.local === local && entry.domain === domain,
    );
  }

  mailboxById(id: MailboxId): MailboxEntry | undefined {
    this.#answer();
    return this.#entries.get(id);
  }

  verifier(id: MailboxId): string | undefined {
    this.#answer();
    return this.#verifiers.get(id);
  }

  scramVerifier(id: MailboxId): string | undefined {
    this.#answer();
    return this.#scramVerifiers.get(id);
  }

  appPasswords(id: MailboxId): readonly AppPasswordEntry[] {
    this.#answer();
    return this.#appPasswords.get(id) ?? [];
  }

  noteAppPasswordUse(id: MailboxId, name: string, at: number): void {
    this.notes.push({ name, at });
    const used = this.appPasswords(id).map((one) =>
      one.name === name ? { ...one, lastUsedAt: at } : one,
    );
    this.#appPasswords.set(id, used);
  }

  certificate(key: string): CertificateEntry | undefined {
    this.#answer();
    return this.#certificates.get(key);
  }

  noteCertificateUse(key: string, at: number): void {
    this.notes.push({ name: key, at });
    const used = this.#certificates.get(key);
    if (used !== undefined) this.#certificates.set(key, { ...used, lastUsedAt: at });
  }

  secret(): Uint8Array {
    return new Uint8Array(32).fill(7);
  }

  #answer(): void {
    if (this.broken) throw new StoreError("the directory is away");
  }
}

function partsOf(address: string): { local: string; domain: Domain } {
  const parsed = parseAddress(address);
  if (typeof parsed === "string" || parsed.host.kind !== "domain")
    throw new Error(`${address} is no mailbox`);
  return { local: localKey(parsed.local), domain: parsed.host.domain };
}
