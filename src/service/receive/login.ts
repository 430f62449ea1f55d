/**
 * Who has logged in to a submission session: performs what AUTH asks, writes each try into the journal, and keeps the login
 * until TLS begins anew. Promises: nobody is let in but by accounts, and a login that was taken back sends nothing more.
 */
import { status, type Login, type Status } from "../../mail/index.ts";
import type { TlsFacts } from "../../protocol/dialogue/index.ts";
import type { SaslAsk, SaslMechanism } from "../../protocol/sasl/index.ts";
import type { SmtpAnswer } from "../../protocol/smtp/index.ts";
import type { Log } from "../../runtime/index.ts";
import { LoginQuestions, type CertificateLogin, type JudgedLogin } from "../accounts/index.ts";
import { loginEvent, loginWay, type NewEvent } from "../record/index.ts";
import type { LoginAccounts, ReceivedFrom } from "./deps.ts";

export interface SenderLoginDeps {
  readonly accounts: LoginAccounts;
  readonly log: Log;
  record(event: NewEvent): void;
}

export class SenderLogin {
  readonly #deps: SenderLoginDeps;
  readonly #session: string;
  readonly #questions: LoginQuestions<SaslMechanism>;
  /** That the client showed in the handshake, DER. */
  #certificate: Uint8Array | undefined;
  #login: Login | undefined;

  constructor(deps: SenderLoginDeps, { session, ip, tls }: ReceivedFrom) {
    this.#deps = deps;
    this.#session = session;
    this.#certificate = tls?.clientCertificates?.[0];
    this.#questions = new LoginQuestions(deps.accounts, { ip, protocol: "smtp" });
  }

  get current(): Login | undefined {
    return this.#login;
  }

  /** TLS begins: whoever was let in before is forgotten, and what he showed. */
  secured({ clientCertificates }: TlsFacts): void {
    this.#login = undefined;
    this.#certificate = clientCertificates?.[0];
  }

  /** Whether EXTERNAL is to be offered: only to whom it may let in. Who shows a certificate has its key, so it tells him of nobody else. */
  get external(): boolean {
    const shown = this.#certificate;
    return shown !== undefined && this.#deps.accounts.certificates.mayBeKnown(shown);
  }

  answer(ask: SaslAsk): SmtpAnswer | Promise<SmtpAnswer> {
    this.#login = undefined; // whoever was let in before and did not go on
    switch (ask.kind) {
      case "credentials":
        return this.#questions.credentials(ask).then((judged) => this.#judged(judged));
      case "verifier": {
        const opened = this.#questions.verifier(ask.mechanism, ask.login);
        return opened.kind === "verifier" ? opened : this.#judged(opened);
      }
      case "proof":
        return this.#questions.proof(ask.right).then((judged) => this.#judged(judged));
      case "external":
        return this.#external(ask.identity);
    }
  }

  /** Why the login may not send any more, although it was let in: asked anew at each command. Throws a StoreError. */
  takenBack(): Status | undefined {
    if (this.#login === undefined) return undefined;
    switch (this.#deps.accounts.stands(this.#login)) {
      case "yes":
        return undefined;
      case "disabled":
        return DISABLED;
      case "gone":
        return GONE;
    }
  }

  #external(identity: string): SmtpAnswer {
    const shown = this.#certificate;
    if (shown === undefined) throw new Error("EXTERNAL without a certificate");
    const result = this.#deps.accounts.certificates.login(shown, identity);
    const login = result.holder?.address ?? identity;
    const by = result.holder && { certificate: result.holder.certificate.name };
    this.#deps.record(loginEvent(login, result.kind, loginWay("EXTERNAL", by)));
    if (result.kind !== "ok") return this.#denied(login, result);
    const { mailbox, holder } = result;
    this.#login = { mailbox, address: holder.address, certificateKey: holder.certificate.key };
    return { kind: "authenticated" };
  }

  #judged({ mechanism, login, result }: JudgedLogin<SaslMechanism>): SmtpAnswer {
    this.#deps.record(loginEvent(login, result.kind, loginWay(mechanism, result)));
    if (result.kind !== "ok") return this.#denied(login, result);
    const { mailbox, appPassword } = result;
    this.#login = {
      mailbox: mailbox.id,
      address: `${mailbox.local}@${mailbox.domain}`,
      ...(appPassword !== undefined && { appPassword }),
    };
    return { kind: "authenticated" };
  }

  #denied(login: string, result: Denied): SmtpAnswer {
    if (result.kind === "unavailable")
      this.#deps.log.warn("login not checked", { session: this.#session, problem: result.reason });
    if (result.kind === "damaged")
      this.#deps.log.error("account damaged", {
        login,
        problem: result.reason,
        todo: "give the mailbox a new password",
      });
    return { kind: "status", status: DENIALS[result.kind] };
  }
}

type Denied = Exclude<
  JudgedLogin<SaslMechanism>["result"] | CertificateLogin,
  { readonly kind: "ok" }
>;

const say = (code: number, enhanced: string, text: string): Status =>
  status(code, enhanced, text, "accounts");

/** RFC 5248's registry has 525 and X.7.13 for it. The password was right, so it is no secret. */
const DISABLED = say(525, "5.7.13", "this mailbox is disabled");
const GONE = say(535, "5.7.8", "this login is not valid any more, log in again");

/** RFC 4954 §6: 535 makes clients ask for another password, so what is our own trouble is 454. */
const DENIALS = {
  wrong: say(535, "5.7.8", "wrong name or password"),
  unmapped: say(535, "5.7.8", "this certificate is none that somebody logs in by here"),
  "other identity": say(535, "5.7.8", "you can log in only as yourself"),
  disabled: DISABLED,
  busy: say(454, "4.7.0", "too many logins at once, try again soon"),
  slowed: say(454, "4.7.0", "too many wrong passwords came from your address, try again later"),
  unavailable: say(454, "4.7.0", "the mail store does not answer, try again later"),
  damaged: say(454, "4.7.0", "this account is damaged, only its administrator can mend it"),
} as const;
