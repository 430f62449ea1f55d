/** The AUTHORIZATION state as the reference knows it: USER, PASS and the exchanges of AUTH, up to an open maildrop. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import type {
  LoginDenial,
  LoginMechanism,
  LoginRefusal,
  Pop3Answer,
  Pop3Message,
  Pop3Settings,
} from "../../../src/protocol/pop3/index.ts";
import type { ScramMechanism } from "../../../src/protocol/sasl/index.ts";
import {
  bindingFault,
  decoded,
  readPlain,
  readScramFinal,
  readScramFirst,
  textOf,
} from "./oracle.ts";
import { KEYS, serverFirst, SERVER_NONCE } from "./scram.ts";
import type { Code, Witness } from "./witness.ts";

export type Maildrop = readonly Pop3Message[];

/** What follows from a line: nothing yet, or an open maildrop. */
type Outcome = Maildrop | undefined;

/** Reads the next message of an exchange. */
type Expecting = (message: string) => Outcome;

export class AuthorizationReference {
  readonly #witness: Witness;
  readonly #settings: Pop3Settings;
  #user: string | undefined;
  #expecting: Expecting | undefined;

  constructor(witness: Witness, settings: Pop3Settings) {
    this.#witness = witness;
    this.#settings = settings;
  }

  /** The next line is a response. */
  get exchanging(): boolean {
    return this.#expecting !== undefined;
  }

  forget(): void {
    this.#user = undefined;
    this.#expecting = undefined;
  }

  /** `secret`: a password may be said on this connection. */
  login(
    verb: string,
    [first = "", second]: readonly (string | undefined)[],
    secret: boolean,
  ): Outcome {
    if (verb === "AUTH") return this.#auth(first, second, secret);
    const user = this.#user;
    this.#user = undefined;
    if (!secret) return this.#inTheClear();
    if (verb === "PASS")
      return user === undefined ? this.#refuse() : this.#credentials("USER", user, first);
    this.#user = first;
    return this.#say(/^\+OK /);
  }

  /** A line that came while one was expected. */
  respond(line: string): Outcome {
    if (line !== "*") return this.#receive(line);
    this.#expecting = undefined;
    this.#witness.refuse("ours");
    return undefined;
  }

  #auth(name: string, initial: string | undefined, secret: boolean): Outcome {
    const mechanism = name.replaceAll(/[a-z]/g, (letter) => letter.toUpperCase());
    const known = new Set(["PLAIN", "SCRAM-SHA-256"]);
    if (this.#settings.authLogin) known.add("LOGIN");
    if (this.#exporter !== undefined) known.add("SCRAM-SHA-256-PLUS");
    if (!known.has(mechanism)) return this.#refuse();
    if (mechanism === "SCRAM-SHA-256" || mechanism === "SCRAM-SHA-256-PLUS")
      this.#expecting = (message) => this.#scramFirst(mechanism, message);
    else if (!secret) return this.#inTheClear();
    else if (mechanism === "PLAIN") this.#expecting = (message) => this.#plain(message);
    else this.#expecting = (message) => this.#loginName(message);
    if (initial !== undefined) return this.#receive(initial);
    return this.#challenge(mechanism === "LOGIN" ? "Username:" : "");
  }

  #receive(base64: string): Outcome {
    const message = decoded(base64);
    const read = this.#expecting;
    this.#expecting = undefined;
    if (base64 === "=") return this.#misread("malformed"); // empty, which none of them is
    return message === undefined ? this.#misread("malformed") : read?.(message);
  }

  // ---- Mechanisms ----

  #plain(message: string): Outcome {
    const plain = readPlain(message);
    if (typeof plain === "string") return this.#misread(plain);
    return this.#credentials("PLAIN", plain.login, plain.password);
  }

  #loginName(message: string): Outcome {
    const user = textOf(message);
    if (user === undefined || /^$|\0/.test(user)) return this.#misread("malformed");
    this.#expecting = (next) => this.#loginPassword(user, next);
    return this.#challenge("Password:");
  }

  #loginPassword(user: string, message: string): Outcome {
    const password = textOf(message);
    return password === undefined || /^$|\0/.test(password)
      ? this.#misread("malformed")
      : this.#credentials("LOGIN", user, password);
  }

  /** Only where TLS is there from the beginning: the fuzzer's handshake leaves nothing to bind to. */
  get #exporter(): Uint8Array | undefined {
    return this.#settings.tls?.exporter;
  }

  #scramFirst(mechanism: ScramMechanism, message: string): Outcome {
    const first = readScramFirst(message);
    if (typeof first === "string") return this.#misread(first);
    const fault = bindingFault(mechanism, first, this.#exporter);
    if (fault !== undefined) return this.#misread(fault);
    const answer = this.#witness.asked({
      kind: "verifier",
      mechanism,
      login: first.login,
    });
    if (answer.kind !== "verifier") return this.#denied(answer);
    this.#expecting = (next) => {
      const final = readScramFinal(next, first, first.nonce + SERVER_NONCE, this.#exporter);
      if (typeof final === "string") return this.#misread(final);
      const authMessage = `${first.bare},${serverFirst(first.nonce)},${final.withoutProof}`;
      return this.#scramFinal(authMessage, final.proof);
    };
    return this.#challenge(serverFirst(first.nonce));
  }

  /** RFC 5802 §3, from the client's side: its proof is ClientKey XOR ClientSignature. */
  #scramFinal(authMessage: string, proof: string): Outcome {
    const signature = createHmac("sha256", KEYS.storedKey).update(authMessage).digest();
    const expected = KEYS.clientKey.map((octet, i) => octet ^ (signature[i] ?? 0));
    const right = Buffer.from(expected).toString("latin1") === proof;
    const answer = this.#witness.asked({ kind: "proof", right });
    if (answer.kind !== "authenticated") return this.#denied(answer);
    assert.ok(right, "nobody gets in without the proof");
    this.#expecting = (next) => (next === "" ? this.#open() : this.#misread("malformed"));
    const verified = createHmac("sha256", KEYS.serverKey).update(authMessage).digest("base64");
    return this.#challenge(`v=${verified}`);
  }

  // ---- What must be in the trace ----

  #credentials(mechanism: LoginMechanism, login: string, password: string): Outcome {
    const answer = this.#witness.asked({ kind: "credentials", mechanism, login, password });
    return answer.kind === "authenticated" ? this.#open() : this.#denied(answer);
  }

  #open(): Outcome {
    const answer = this.#witness.asked({ kind: "open" });
    if (answer.kind === "opened") return answer.messages;
    this.#witness.refuse("ours", answer.kind === "in-use" ? "IN-USE" : "SYS/TEMP");
    return undefined;
  }

  #denied(answer: Pop3Answer): undefined {
    assert.ok(answer.kind === "denied");
    const { whose, code } = DENIALS[answer.why];
    this.#witness.refuse(whose, code);
  }

  #inTheClear(): undefined {
    this.#witness.told({ kind: "login-refused", why: "no TLS" });
    this.#witness.refuse("client's", "AUTH");
  }

  #misread(why: LoginRefusal): undefined {
    this.#witness.told({ kind: "login-refused", why });
    const coded = why === "other identity" || why === "intercepted";
    this.#witness.refuse("client's", coded ? "AUTH" : undefined);
  }

  #challenge(message: string): undefined {
    const base64 = Buffer.from(message).toString("base64");
    this.#witness.octets(`+ ${base64}\r\n`, "a challenge");
  }

  #say(form: RegExp): undefined {
    this.#witness.reply(form);
  }

  #refuse(): undefined {
    this.#witness.refuse("client's");
  }
}

const DENIALS: Readonly<Record<LoginDenial, { whose: "client's" | "ours"; code: Code }>> = {
  wrong: { whose: "client's", code: "AUTH" },
  disabled: { whose: "client's", code: "AUTH" },
  busy: { whose: "ours", code: "SYS/TEMP" },
  slowed: { whose: "ours", code: "SYS/TEMP" },
  unavailable: { whose: "ours", code: "SYS/TEMP" },
  damaged: { whose: "ours", code: "SYS/PERM" },
};
