/**
 * Logins by a certificate (SASL EXTERNAL): who has shown it is whom the operator has mapped its key to, and nobody by what stands in it.
 * There is nothing to guess, for the handshake has proved that the client has the key; so no refusal is counted, and nobody is held back.
 */
import { journalKey, parseAddress, type MailboxId } from "../../mail/index.ts";
import { shownKeyDigest } from "../../policy/identity/index.ts";
import { errorText, type Clock } from "../../runtime/index.ts";
import { StoreError, type CertificateEntry, type MailboxEntry } from "../../store/index.ts";
import { isUseNoted } from "./use.ts";

/** What is used of the directory; it throws a StoreError when it cannot be read. */
export interface CertificateDirectory {
  certificate(key: string): CertificateEntry | undefined;
  mailboxById(id: MailboxId): MailboxEntry | undefined;
  noteCertificateUse(key: string, at: number): void;
}

export type CertificateLogin =
  | { readonly kind: "ok"; readonly mailbox: MailboxId; readonly holder: CertificateHolder }
  /** It is somebody's, who is switched off, or wants to act as somebody else. */
  | { readonly kind: "disabled" | "other identity"; readonly holder: CertificateHolder }
  /** It is nobody's. */
  | { readonly kind: "unmapped"; readonly holder?: undefined }
  /** The directory did not answer. */
  | { readonly kind: "unavailable"; readonly reason: string; readonly holder?: undefined };

/** Whose it is. */
export interface CertificateHolder {
  /** The mailbox's address. */
  readonly address: string;
  readonly certificate: Pick<CertificateEntry, "name" | "key">;
}

const UNMAPPED: CertificateLogin = { kind: "unmapped" };

export class CertificateLogins {
  readonly #directory: CertificateDirectory;
  readonly #clock: Pick<Clock, "now">;
  readonly #keyOf: (shown: Uint8Array) => string | undefined;

  /** `keyOf`: the digest of a certificate's public key; undefined where it cannot be read. */
  constructor(directory: CertificateDirectory, clock: Pick<Clock, "now">, keyOf = shownKeyDigest) {
    this.#directory = directory;
    this.#clock = clock;
    this.#keyOf = keyOf;
  }

  /** Whether it is anybody's; yes too while that cannot be found out. `shown`: DER. So too below. */
  mayBeKnown(shown: Uint8Array): boolean {
    try {
      return this.#entry(shown) !== undefined;
    } catch (error) {
      if (error instanceof StoreError) return true;
      throw error;
    }
  }

  /** `identity`: whom the client wants to act as; "": whoever the certificate says. */
  login(shown: Uint8Array, identity: string): CertificateLogin {
    try {
      return this.#login(shown, identity);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      return { kind: "unavailable", reason: errorText(error) };
    }
  }

  #login(shown: Uint8Array, identity: string): CertificateLogin {
    const certificate = this.#entry(shown);
    const mailbox = certificate && this.#directory.mailboxById(certificate.mailbox);
    if (certificate === undefined || mailbox === undefined) return UNMAPPED;
    const address = `${mailbox.local}@${mailbox.domain}`;
    const holder = { address, certificate };
    if (!isSame(identity, address)) return { kind: "other identity", holder };
    if (mailbox.disabled) return { kind: "disabled", holder };
    const now = this.#clock.now();
    if (!isUseNoted(certificate, now)) this.#directory.noteCertificateUse(certificate.key, now);
    return { kind: "ok", mailbox: mailbox.id, holder };
  }

  #entry(shown: Uint8Array): CertificateEntry | undefined {
    const key = this.#keyOf(shown);
    return key === undefined ? undefined : this.#directory.certificate(key);
  }
}

/** In whatever spelling the address is written. */
function isSame(identity: string, address: string): boolean {
  if (identity === "") return true;
  const wanted = parseAddress(identity);
  return typeof wanted !== "string" && journalKey(wanted) === address;
}
