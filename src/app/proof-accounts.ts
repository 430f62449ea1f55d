/**
 * The accounts that the proof sees: one user, whose password the catalogue knows. No real password is checked, no failure is
 * counted, nothing is written; what is proved is what engine and desk make of a right and of a wrong one.
 */
import { pbkdf2Sync } from "node:crypto";
import type { Login } from "../mail/index.ts";
import type { RoutedMailbox } from "../policy/routing/index.ts";
import { scramKeys, type ScramVerifier } from "../protocol/sasl/index.ts";
import type { LoginResult, ScramLogin, Standing } from "../service/accounts/index.ts";
import type { LoginAccounts } from "../service/receive/index.ts";

/** Nobody's but this program's: it opens nothing outside of a proof. */
export const PROOF_PASSWORD = "proof-password";

const WRONG: LoginResult = { kind: "wrong" };

export class ProofAccounts implements LoginAccounts {
  readonly #user: RoutedMailbox;
  readonly #takenBack: boolean;

  /** `takenBack`: a login is right and does not stand any more. */
  constructor(user: RoutedMailbox, takenBack = false) {
    this.#user = user;
    this.#takenBack = takenBack;
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
    return { kind: "ok", mailbox: { ...this.#user, messages: 0, createdAt: 0 } };
  }
}

/** Made in no time: RFC 7677's least number of iterations guards nothing here. */
const VERIFIER: ScramVerifier = verifierOf(PROOF_PASSWORD, Buffer.from("proof-salt"), 1);

function verifierOf(password: string, salt: Uint8Array, iterations: number): ScramVerifier {
  const salted = pbkdf2Sync(password, salt, iterations, 32, "sha256");
  return { salt, iterations, ...scramKeys(salted) };
}
