/**
 * The accounts that the proof sees: one user, whose password the catalogue knows, and who has a certificate. No real password is checked, no failure is
 * counted, nothing is written; what is proved is what engine and desk make of a right and of a wrong one.
 */
import { pbkdf2Sync } from "node:crypto";
import type { Login } from "../mail/index.ts";
import type { GivenCertificate } from "../operate/relaytest/index.ts";
import type { RoutedMailbox } from "../policy/routing/index.ts";
import { scramKeys, type ScramVerifier } from "../protocol/sasl/index.ts";
import { ManualClock } from "../runtime/index.ts";
import {
  CertificateLogins,
  type LoginResult,
  type ScramLogin,
  type Standing,
} from "../service/accounts/index.ts";
import type { LoginAccounts } from "../service/receive/index.ts";
import type { MailboxEntry } from "../store/index.ts";

/** Nobody's but this program's: it opens nothing outside of a proof. */
export const PROOF_PASSWORD = "proof-password";

const WRONG: LoginResult = { kind: "wrong" };

export class ProofAccounts implements LoginAccounts {
  readonly #user: RoutedMailbox;
  readonly #takenBack: boolean;
  readonly certificates: CertificateLogins;

  /** `takenBack`: a login is right and does not stand any more. */
  constructor(user: RoutedMailbox, takenBack = false) {
    this.#user = user;
    this.#takenBack = takenBack;
    this.certificates = certificatesOf(this.#entry());
  }

  authenticate(login: string, password: string): Promise<LoginResult> {
    const right = this.#is(login) && password === PROOF_PASSWORD;
    return Promise.resolve(right ? this.#welcome() : WRONG);
  }

  openScram(login: string): ScramLogin {
    return {
      kind: "scram",
      verifier: VERIFIER,
      nonce: "proof",
      finish: (right) => Promise.resolve(right && this.#is(login) ? this.#welcome() : WRONG),
    };
  }

  stands({ mailbox }: Login): Standing {
    return mailbox === this.#user.id && !this.#takenBack ? "yes" : "gone";
  }

  #is(login: string): boolean {
    return login === `${this.#user.local}@${this.#user.domain}`;
  }

  #welcome(): LoginResult {
    return { kind: "ok", mailbox: this.#entry() };
  }

  #entry(): MailboxEntry {
    return { ...this.#user, messages: 0, createdAt: 0 };
  }
}

/** The real judge of certificates; the one that is mapped has its name in the catalogue in the place of its key. */
function certificatesOf(user: MailboxEntry): CertificateLogins {
  const key: GivenCertificate = "user's";
  const entry = { mailbox: user.id, name: "proof", key, createdAt: 0 };
  return new CertificateLogins(
    {
      certificate: (shown) => (shown === key ? entry : undefined),
      mailboxById: (id) => (id === user.id ? user : undefined),
      noteCertificateUse() {},
    },
    new ManualClock(),
    (shown) => Buffer.from(shown).toString(),
  );
}

/** Made in no time: RFC 7677's least number of iterations guards nothing here. */
const VERIFIER: ScramVerifier = verifierOf(PROOF_PASSWORD, Buffer.from("proof-salt"), 1);

function verifierOf(password: string, salt: Uint8Array, iterations: number): ScramVerifier {
  const salted = pbkdf2Sync(password, salt, iterations, 32, "sha256");
  return { salt, iterations, ...scramKeys(salted) };
}
