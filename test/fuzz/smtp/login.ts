/** AUTH as the reference knows it (RFC 4954): what is asked, what is said, and when somebody is logged in. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import type { SmtpAnswer, SmtpAsk, SmtpSettings } from "../../../src/protocol/smtp/index.ts";
import {
  bindingFault,
  decoded,
  readPlain,
  readScramFinal,
  readScramFirst,
  textOf,
} from "../pop3/oracle.ts";
import { KEYS, serverFirst, SERVER_NONCE } from "../pop3/scram.ts";

/** What must be in the trace. */
export interface LoginWitness {
  /** The answer when it was a yes; a no has been said. */
  ask(ask: SmtpAsk): SmtpAnswer | undefined;
  reply(form: RegExp): void;
  refuse(form: RegExp): void;
}

const MALFORMED = /^535 5\.7\.8 /;

export class LoginReference {
  readonly #settings: SmtpSettings;
  readonly #witness: LoginWitness;
  #secured: boolean;
  /** Reads the client's next message. */
  #expecting: ((message: string) => void) | undefined;
  loggedIn = false;

  constructor(settings: SmtpSettings, witness: LoginWitness) {
    this.#settings = settings;
    this.#witness = witness;
    this.#secured = settings.tls !== undefined;
  }

  get exchanging(): boolean {
    return this.#expecting !== undefined;
  }

  /** STARTTLS. */
  forget(): void {
    this.loggedIn = false;
    this.#secured = false; // the fuzzer's handshake leaves nothing to bind to
  }

  get #exporter(): Uint8Array | undefined {
    return this.#secured ? this.#settings.tls?.exporter : undefined;
  }

  /** In this TLS. */
  get certificate(): boolean {
    return this.#secured && this.#settings.tls?.clientCertificates !== undefined;
  }

  begin(argument: string): void {
    const [, name, initial] = /^([A-Za-z0-9_-]{1,20})(?: ([^ ]*))?$/.exec(argument) ?? [];
    if (name === undefined) return this.#witness.refuse(/^501 5\.5\.4 /);
    const mechanism = name.toUpperCase();
    if (!this.#isOffered(mechanism)) return this.#witness.refuse(/^504 5\.5\.4 /);
    if (mechanism === "PLAIN") this.#expecting = (message) => this.#plain(message);
    else if (mechanism === "LOGIN") this.#expecting = (message) => this.#loginName(message);
    else if (mechanism === "EXTERNAL") this.#expecting = (message) => this.#external(message);
    else this.#expecting = (message) => this.#scramFirst(mechanism, message);
    if (initial === undefined) return this.#challenge(mechanism === "LOGIN" ? "Username:" : "");
    this.#receive(initial === "=" ? "" : initial);
  }

  #isOffered(mechanism: string): boolean {
    if (mechanism === "LOGIN") return this.#settings.submission?.authLogin === true;
    if (mechanism === "EXTERNAL") return this.certificate; // taken, whether it was offered or not
    if (mechanism === "SCRAM-SHA-256-PLUS") return this.#exporter !== undefined;
    return mechanism === "PLAIN" || mechanism === "SCRAM-SHA-256";
  }

  /** A line of the exchange, octets as characters. */
  respond(line: string): void {
    const { limits, submission } = this.#settings;
    const limit = Math.max(limits.commandLineOctets, submission?.saslLineOctets ?? 0);
    if (line.length + 2 > limit) return this.#refuse(/^500 5\.5\.6 /);
    if (line === "*") return this.#refuse(/^501 5\.7\.0 /);
    this.#receive(line);
  }

  #receive(base64: string): void {
    const read = this.#expecting;
    const message = decoded(base64);
    if (message === undefined) return this.#refuse(/^501 5\.5\.2 /);
    this.#expecting = undefined;
    read?.(message);
  }

  // ---- Mechanisms ----

  #plain(message: string): void {
    const plain = readPlain(message);
    if (typeof plain === "string") return this.#refuse(MALFORMED);
    this.#credentials("PLAIN", plain.login, plain.password);
  }

  #loginName(message: string): void {
    const login = textOf(message);
    if (login === undefined || /^$|\0/.test(login)) return this.#refuse(MALFORMED);
    this.#expecting = (next) => {
      const password = textOf(next);
      if (password === undefined || /^$|\0/.test(password)) return this.#refuse(MALFORMED);
      this.#credentials("LOGIN", login, password);
    };
    this.#challenge("Password:");
  }

  #credentials(mechanism: "PLAIN" | "LOGIN", login: string, password: string): void {
    const answer = this.#witness.ask({ kind: "credentials", mechanism, login, password });
    if (answer?.kind === "authenticated") this.#welcome();
  }

  #external(message: string): void {
    const identity = textOf(message);
    if (identity === undefined || identity.includes("\0")) return this.#refuse(MALFORMED);
    const answer = this.#witness.ask({ kind: "external", identity });
    if (answer?.kind === "authenticated") this.#welcome();
  }

  #scramFirst(mechanism: string, message: string): void {
    const first = readScramFirst(message);
    if (typeof first === "string") return this.#refuse(MALFORMED);
    if (bindingFault(mechanism, first, this.#exporter) !== undefined)
      return this.#refuse(MALFORMED);
    assert.ok(mechanism === "SCRAM-SHA-256" || mechanism === "SCRAM-SHA-256-PLUS");
    const answer = this.#witness.ask({ kind: "verifier", mechanism, login: first.login });
    if (answer === undefined) return;
    this.#expecting = (next) => {
      const final = readScramFinal(next, first, first.nonce + SERVER_NONCE, this.#exporter);
      if (typeof final === "string") return this.#refuse(MALFORMED);
      const authMessage = `${first.bare},${serverFirst(first.nonce)},${final.withoutProof}`;
      this.#scramFinal(authMessage, final.proof);
    };
    this.#challenge(serverFirst(first.nonce));
  }

  /** RFC 5802 §3, from the client's side: its proof is ClientKey XOR ClientSignature. */
  #scramFinal(authMessage: string, proof: string): void {
    const signature = createHmac("sha256", KEYS.storedKey).update(authMessage).digest();
    const expected = KEYS.clientKey.map((octet, i) => octet ^ (signature[i] ?? 0));
    const right = Buffer.from(expected).toString("latin1") === proof;
    const answer = this.#witness.ask({ kind: "proof", right });
    if (answer === undefined) return;
    assert.ok(right, "nobody gets in without the proof");
    this.#expecting = (next) => (next === "" ? this.#welcome() : this.#refuse(MALFORMED));
    const verified = createHmac("sha256", KEYS.serverKey).update(authMessage).digest("base64");
    this.#challenge(`v=${verified}`);
  }

  // ---- What must be in the trace ----

  #welcome(): void {
    this.loggedIn = true;
    this.#witness.reply(/^235 2\.7\.0 /);
  }

  #challenge(message: string): void {
    const base64 = Buffer.from(message).toString("base64").replaceAll("+", "\\+");
    this.#witness.reply(new RegExp(`^334 ${base64}\\r\\n$`));
  }

  #refuse(form: RegExp): void {
    this.#expecting = undefined;
    this.#witness.refuse(form);
  }
}
