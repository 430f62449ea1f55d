/**
 * Who somebody is by name and password, or by a certificate. A name that does not exist is checked as long as one that does, and
 * answered alike, step by step. Every refusal is a value; only a broken machine rejects.
 */
import {
  journalKey,
  localKey,
  parseAddress,
  type Login,
  type MailboxId,
} from "../../mail/index.ts";
import type { ScramVerifier } from "../../protocol/sasl/index.ts";
import { errorText, Turns, type Clock, type Random } from "../../runtime/index.ts";
import { StoreError, type AppPasswordEntry, type MailboxEntry } from "../../store/index.ts";
import { appPasswordHash, findAppPassword } from "./app-password.ts";
import { CertificateLogins } from "./certificate-login.ts";
import type {
  Authentication,
  LoginDirectory,
  LoginResult,
  ScramLogin,
  Standing,
  Visitor,
} from "./authentication.ts";
import { preparePassword, type Password } from "./password.ts";
import { RememberedLogins } from "./remembered-logins.ts";
import { falseScramVerifier, parseScramVerifier } from "./scram.ts";
import type { AccountsSettings } from "./settings.ts";
import { SlowDown, type Attempt } from "./slow-down.ts";
import { isUseNoted } from "./use.ts";
import { isRight, makeVerifier, parseVerifier } from "./verifier.ts";

export interface AccountsDeps {
  readonly directory: LoginDirectory;
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: AccountsSettings;
  /** Resolves after so many milliseconds. */
  pause(ms: number): Promise<void>;
}

/** Whom a name means, and what the password is held against. */
interface Candidate {
  /** Undefined: nobody; the verifier is a dummy that no password fits. */
  readonly id: MailboxId | undefined;
  readonly verifier: string;
}

/** What a SCRAM proof is held against, and what follows from it. */
interface ScramCandidate {
  readonly verifier: ScramVerifier;
  readonly judge: (right: boolean) => Authentication;
}

const DAMAGED: Authentication = { kind: "damaged", reason: "its stored verifier is unreadable" };

/** Octets of the server's nonce; RFC 5802 §9 leaves the number to us. */
const NONCE_OCTETS = 18;

export class Accounts {
  readonly certificates: CertificateLogins;
  readonly #deps: AccountsDeps;
  readonly #directory: LoginDirectory;
  readonly #queue: Turns;
  readonly #remembered: RememberedLogins;
  readonly #slowDown: SlowDown;
  readonly #secret: Uint8Array;
  /** Of a password that nobody has ever seen. */
  readonly #dummy: string;

  private constructor(deps: AccountsDeps, dummy: string) {
    const { directory, random, settings } = deps;
    this.#deps = deps;
    this.#directory = directory;
    this.certificates = new CertificateLogins(directory, deps.clock);
    this.#queue = new Turns({
      atOnce: settings.checks_at_once,
      waiting: settings.checks_waiting,
    });
    this.#remembered = new RememberedLogins(random, {
      lifetimeMs: settings.remembered_seconds * 1000,
      logins: settings.remembered_logins,
    });
    this.#slowDown = new SlowDown(deps);
    this.#secret = directory.secret();
    this.#dummy = dummy;
  }

  static async open(deps: AccountsDeps): Promise<Accounts> {
    const nobodys = Buffer.from(deps.random.octets(32)).toString("base64");
    return new Accounts(deps, await makeVerifier(nobodys, deps.random));
  }

  /** `login` is a whole address; `password` as the client sent it: the mailbox's, or an app password. */
  async authenticate(login: string, password: string, visitor: Visitor): Promise<LoginResult> {
    const form = preparePassword(password);
    if (typeof form !== "string") return { kind: "wrong" }; // no account has such a password
    const attempt = { name: nameOf(login), ip: visitor.ip };
    return this.#inItsTime(
      attempt,
      async () => this.#appLogin(login, form, visitor) ?? this.#check(this.#candidate(login), form),
      () => this.#slowDown.wrongPassword(attempt, form),
    );
  }

  /** Begins a SCRAM login with the mailbox's password; app passwords are not for it. */
  openScram(login: string, { ip }: Visitor): ScramLogin | Authentication {
    const attempt = { name: nameOf(login), ip };
    try {
      const { verifier, judge } = this.#scramCandidate(login, attempt.name);
      return {
        kind: "scram",
        verifier,
        nonce: this.#deps.random.octets(NONCE_OCTETS).toBase64(),
        finish: (right) =>
          this.#inItsTime(
            attempt,
            async () => judge(right),
            () => this.#slowDown.wrongProof(attempt),
          ),
      };
    } catch (error) {
      return unavailable(error);
    }
  }

  /** A session may outlive what let it in. Throws a StoreError. */
  stands({ mailbox: id, appPassword, certificateKey }: Login): Standing {
    const mailbox = this.#directory.mailboxById(id);
    if (mailbox === undefined) return "gone";
    const isKept = (name: string): boolean =>
      this.#directory.appPasswords(id).some((kept) => kept.name === name);
    if (appPassword !== undefined && !isKept(appPassword)) return "gone";
    const holds = (key: string): boolean => this.#directory.certificate(key)?.mailbox === id;
    if (certificateKey !== undefined && !holds(certificateKey)) return "gone";
    return mailbox.disabled ? "disabled" : "yes";
  }

  /** Judges a login when it may be judged, and remembers what came of it. */
  async #inItsTime(
    attempt: Attempt,
    judge: () => Promise<Authentication>,
    countWrong: () => void,
  ): Promise<LoginResult> {
    const slowedMs = await this.#slowDown.admit(attempt);
    if (slowedMs === undefined) return { kind: "slowed" };
    const result = await judge().catch(unavailable);
    if (result.kind === "wrong") countWrong();
    if (result.kind === "ok") this.#slowDown.right(attempt);
    return slowedMs === 0 ? result : { ...result, slowedMs };
  }

  // ---- App passwords ----

  /** Undefined when it is none of the mailbox's app passwords. */
  #appLogin(login: string, password: Password, visitor: Visitor): Authentication | undefined {
    const hash = appPasswordHash(password);
    const id = this.#find(login)?.id;
    if (hash === undefined || id === undefined) return undefined;
    const used = findAppPassword(this.#directory.appPasswords(id), hash, visitor.protocol);
    if (used === undefined) return undefined;
    const result = this.#welcome(id);
    if (result.kind !== "ok") return result;
    this.#noteUse(id, used);
    return { ...result, appPassword: used.name };
  }

  #noteUse(id: MailboxId, used: AppPasswordEntry): void {
    const now = this.#deps.clock.now();
    if (!isUseNoted(used, now)) this.#directory.noteAppPasswordUse(id, used.name, now);
  }

  // ---- The mailbox's password ----

  async #check(candidate: Candidate, password: Password): Promise<Authentication> {
    const { id, verifier } = candidate;
    const now = (): number => this.#deps.clock.elapsed();
    if (this.#remembered.isRemembered(id, verifier, password, now()))
      return this.#welcomeIfUnchanged(candidate);
    const parsed = parseVerifier(verifier);
    if (parsed === undefined) return DAMAGED;
    const right = await this.#queue.run(() => isRight(password, parsed));
    if (right === undefined) return { kind: "busy" };
    if (!right || id === undefined) return { kind: "wrong" };
    this.#remembered.remember(id, verifier, password, now());
    return this.#welcomeIfUnchanged(candidate);
  }

  /** The password was right; but it may have been changed while it was checked. */
  #welcomeIfUnchanged({ id, verifier }: Candidate): Authentication {
    if (id === undefined || this.#directory.verifier(id) !== verifier) return { kind: "wrong" };
    return this.#welcome(id);
  }

  #candidate(login: string): Candidate {
    const id = this.#find(login)?.id;
    const verifier = id === undefined ? undefined : this.#directory.verifier(id);
    return verifier === undefined ? { id: undefined, verifier: this.#dummy } : { id, verifier };
  }

  /** A mailbox whose password was set before there was SCRAM has no verifier for it, and is like nobody here. */
  #scramCandidate(login: string, name: string): ScramCandidate {
    const id = this.#find(login)?.id;
    const stored = id === undefined ? undefined : this.#directory.scramVerifier(id);
    const nobodys = falseScramVerifier(this.#secret, name); // made for everybody, so that it takes the same time
    if (id === undefined || stored === undefined)
      return { verifier: nobodys, judge: () => ({ kind: "wrong" }) };
    const verifier = parseScramVerifier(stored);
    if (verifier === undefined) return { verifier: nobodys, judge: () => DAMAGED };
    const judge = (right: boolean): Authentication =>
      right && this.#directory.scramVerifier(id) === stored ? this.#welcome(id) : { kind: "wrong" };
    return { verifier, judge };
  }

  // ---- Whoever it is ----

  #find(login: string): MailboxEntry | undefined {
    const address = parseAddress(login);
    if (typeof address === "string" || address.host.kind !== "domain") return undefined;
    return this.#directory.mailbox(localKey(address.local), address.host.domain);
  }

  /** The password was right; but the mailbox may be gone by now, and may be disabled. */
  #welcome(id: MailboxId): Authentication {
    const mailbox = this.#directory.mailboxById(id);
    if (mailbox === undefined) return { kind: "wrong" };
    return mailbox.disabled ? { kind: "disabled" } : { kind: "ok", mailbox };
  }
}

/** The name in its one spelling, whether it is somebody's or not. */
function nameOf(login: string): string {
  const address = parseAddress(login);
  return typeof address === "string" ? login : journalKey(address);
}

function unavailable(error: unknown): Authentication {
  if (error instanceof StoreError) return { kind: "unavailable", reason: errorText(error) };
  throw error;
}
