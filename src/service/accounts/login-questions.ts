/**
 * Answers what a login asks (protocol/sasl), whatever protocol carries it. One for each session. Promises: a proof is judged
 * against the verifier that was handed out last, once.
 */
import type { ScramMechanism, ScramVerifier } from "../../protocol/sasl/index.ts";
import type { Accounts } from "./accounts.ts";
import type { LoginResult, ScramLogin, Visitor } from "./authentication.ts";

/** `M`: the mechanisms of the protocol; POP3 has one that is none of SASL. */
export interface JudgedLogin<M extends string> {
  readonly kind: "judged";
  readonly mechanism: M | ScramMechanism;
  /** As the client sent it. */
  readonly login: string;
  readonly result: LoginResult;
}

/** What a SCRAM proof will be held against. */
export interface VerifierAnswer {
  readonly kind: "verifier";
  readonly verifier: ScramVerifier;
  readonly nonce: string;
}

export interface CredentialsQuestion<M extends string> {
  readonly mechanism: M;
  readonly login: string;
  readonly password: string;
}

export class LoginQuestions<M extends string> {
  readonly #accounts: Pick<Accounts, "authenticate" | "openScram">;
  readonly #visitor: Visitor;
  #scram:
    | { readonly mechanism: ScramMechanism; readonly login: string; readonly pending: ScramLogin }
    | undefined;

  constructor(accounts: Pick<Accounts, "authenticate" | "openScram">, visitor: Visitor) {
    this.#accounts = accounts;
    this.#visitor = visitor;
  }

  async credentials({
    mechanism,
    login,
    password,
  }: CredentialsQuestion<M>): Promise<JudgedLogin<M>> {
    const result = await this.#accounts.authenticate(login, password, this.#visitor);
    return { kind: "judged", mechanism, login, result };
  }

  verifier(mechanism: ScramMechanism, login: string): VerifierAnswer | JudgedLogin<M> {
    const opened = this.#accounts.openScram(login, this.#visitor);
    if (opened.kind !== "scram") return { kind: "judged", mechanism, login, result: opened };
    this.#scram = { mechanism, login, pending: opened };
    return { kind: "verifier", verifier: opened.verifier, nonce: opened.nonce };
  }

  async proof(right: boolean): Promise<JudgedLogin<M>> {
    const scram = this.#scram;
    if (scram === undefined) throw new Error("a proof came for no verifier");
    this.#scram = undefined;
    const { mechanism, login, pending } = scram;
    return { kind: "judged", mechanism, login, result: await pending.finish(right) };
  }
}
