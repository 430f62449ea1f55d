/**
 * The SCRAM-SHA-256 mechanism (RFC 5802, RFC 7677), the client's side. The server is believed only when it has proved
 * that it knows the password's keys too; its salt and iterations are bounded, for both are work that it makes us do, and
 * few iterations would make what it hears of us easy to guess from.
 */
import { timingSafeEqual } from "node:crypto";
import { decodeBase64 } from "./base64.ts";
import {
  unasked,
  type SaslClient,
  type SaslClientStep,
  type SaslLogin,
} from "./client-exchange.ts";
import { clientProof, scramKeys, serverSignature } from "./scram-keys.ts";
import { decodeUtf8 } from "./utf8.ts";

/** RFC 7677 §4 asks for 4096 at least. */
const LEAST_ITERATIONS = 4096;
const MOST_ITERATIONS = 1_000_000;
const SALT_OCTETS_LIMIT = 1024;

/** We offer no channel binding. */
const GS2_HEADER = "n,,";

interface ServerFirst {
  readonly text: string;
  readonly nonce: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
}

type Stage =
  | { readonly kind: "server-first" }
  | { readonly kind: "salted"; readonly first: ServerFirst }
  | { readonly kind: "server-final"; readonly signature: Uint8Array }
  | { readonly kind: "complete" };

export class ScramClient implements SaslClient {
  readonly #nonce: string;
  readonly #bare: string;
  #stage: Stage = { kind: "server-first" };

  constructor({ name, nonce }: SaslLogin) {
    this.#nonce = nonce;
    this.#bare = `n=${name.replaceAll("=", "=3D").replaceAll(",", "=2C")},r=${nonce}`;
  }

  get complete(): boolean {
    return this.#stage.kind === "complete";
  }

  initial(): string {
    return GS2_HEADER + this.#bare;
  }

  receive(challenge: Uint8Array): SaslClientStep {
    const text = decodeUtf8(challenge) ?? "";
    switch (this.#stage.kind) {
      case "server-first":
        return this.#serverFirst(text);
      case "server-final":
        return this.#serverFinal(text, this.#stage.signature);
      case "salted":
      case "complete":
        return refuse("a challenge too many");
    }
  }

  salted(password: Uint8Array): SaslClientStep {
    if (this.#stage.kind !== "salted") return unasked();
    const { text, nonce } = this.#stage.first;
    const withoutProof = `c=${btoa(GS2_HEADER)},r=${nonce}`;
    const authMessage = `${this.#bare},${text},${withoutProof}`;
    const proof = clientProof(password, authMessage).toBase64();
    const signature = serverSignature(scramKeys(password), authMessage);
    this.#stage = { kind: "server-final", signature };
    return { kind: "say", message: `${withoutProof},p=${proof}` };
  }

  #serverFirst(text: string): SaslClientStep {
    const first = readServerFirst(text);
    if (first === undefined) return refuse("a first message that is none");
    if (!first.nonce.startsWith(this.#nonce) || first.nonce.length === this.#nonce.length)
      return refuse("a nonce that is not made of ours");
    const { salt, iterations } = first;
    if (iterations < LEAST_ITERATIONS || iterations > MOST_ITERATIONS)
      return refuse(`${iterations} iterations`);
    this.#stage = { kind: "salted", first };
    return { kind: "salt", salt, iterations };
  }

  #serverFinal(text: string, signature: Uint8Array): SaslClientStep {
    const [verifier = ""] = text.split(",");
    if (verifier.startsWith("e=")) return refuse(`error ${verifier.slice(2, 80)}`);
    const shown = verifier.startsWith("v=") ? decodeBase64(verifier.slice(2)) : undefined;
    if (shown?.length !== signature.length || !timingSafeEqual(shown, signature))
      return refuse("no proof that it knows the password");
    this.#stage = { kind: "complete" };
    return { kind: "say", message: "" };
  }
}

/** Extensions behind the iterations are passed over; one before the nonce (`m=`) we would have to know. */
function readServerFirst(text: string): ServerFirst | undefined {
  const [nonce = "", salt = "", iterations = ""] = text.split(",");
  if (!/^r=[\x21-\x7e]+$/.test(nonce) || !/^i=[1-9][0-9]{0,9}$/.test(iterations)) return undefined;
  const octets = salt.startsWith("s=") ? decodeBase64(salt.slice(2)) : undefined;
  if (octets === undefined || octets.length === 0 || octets.length > SALT_OCTETS_LIMIT)
    return undefined;
  return { text, nonce: nonce.slice(2), salt: octets, iterations: Number(iterations.slice(2)) };
}

function refuse(why: string): SaslClientStep {
  return { kind: "refuse", why };
}
