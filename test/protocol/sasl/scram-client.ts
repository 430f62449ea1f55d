/**
 * The client's side of SCRAM-SHA-256, written from RFC 5802 and sharing no code with the server's; and the values of RFC
 * 7677's example.
 */
import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import type { ScramVerifier } from "../../../src/protocol/sasl/index.ts";

/** RFC 7677 §3. */
export const EXAMPLE = {
  login: "user",
  password: "pencil",
  clientNonce: "rOprNGfwEbeRWgbNEkqO",
  serverNonce: "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
  salt: Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64"),
  iterations: 4096,
} as const;

export interface Keys {
  readonly clientKey: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

/** A client keeps them too: what is asked for again and again is hashed once. */
const made = new Map<string, Keys>();

export function keysOf(password: string, salt: Uint8Array, iterations: number): Keys {
  const name = `${iterations} ${salt.toBase64()} ${password}`;
  const keys = made.get(name) ?? makeKeys(password, salt, iterations);
  made.set(name, keys);
  return keys;
}

function makeKeys(password: string, salt: Uint8Array, iterations: number): Keys {
  const salted = pbkdf2Sync(password, salt, iterations, 32, "sha256");
  const clientKey = hmac(salted, "Client Key");
  const storedKey = createHash("sha256").update(clientKey).digest();
  return { clientKey, storedKey, serverKey: hmac(salted, "Server Key") };
}

/** What a server keeps of a password, with the example's salt. */
export function verifierOf(password: string): ScramVerifier {
  const { salt, iterations } = EXAMPLE;
  const { storedKey, serverKey } = keysOf(password, salt, iterations);
  return { salt, iterations, storedKey, serverKey };
}

export class ScramClient {
  readonly #password: string;
  readonly #header: string;
  readonly #bound: Uint8Array;
  readonly #bare: string;
  #serverFinal = "";

  constructor(
    login: string,
    password: string,
    header = "n,,",
    nonce: string = EXAMPLE.clientNonce,
    /** What the client binds to: its own end's keying material. */
    bound: Uint8Array = new Uint8Array(0),
  ) {
    this.#bound = bound;
    this.#password = password;
    this.#header = header;
    this.#bare = `n=${login.replaceAll("=", "=3D").replaceAll(",", "=2C")},r=${nonce}`;
  }

  get first(): string {
    return this.#header + this.#bare;
  }

  /** The answer to the server's first message. */
  final(serverFirst: string, extensions = ""): string {
    const [, nonce = "", salt = "", iterations = ""] =
      /^r=([^,]+),s=([^,]+),i=([0-9]+)$/.exec(serverFirst) ?? [];
    const keys = keysOf(this.#password, Buffer.from(salt, "base64"), Number(iterations));
    const binding = Buffer.concat([Buffer.from(this.#header), this.#bound]).toString("base64");
    const withoutProof = `c=${binding},r=${nonce}${extensions}`;
    const authMessage = `${this.#bare},${serverFirst},${withoutProof}`;
    const signature = hmac(keys.storedKey, authMessage);
    const proof = keys.clientKey.map((octet, i) => octet ^ (signature[i] ?? 0));
    this.#serverFinal = `v=${hmac(keys.serverKey, authMessage).toString("base64")}`;
    return `${withoutProof},p=${Buffer.from(proof).toString("base64")}`;
  }

  /** What a server that knows the password says last; after `final`. */
  get serverFinal(): string {
    return this.#serverFinal;
  }
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
