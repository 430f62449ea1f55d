/**
 * The SCRAM-SHA-256 mechanism (RFC 5802, RFC 7677), the server's side. The password never crosses the wire: the client
 * proves that it knows it, and then the server that it keeps the keys made of it. A name that is nobody's goes
 * through the same steps, with a verifier that nothing fits. With -PLUS the proof holds for one TLS connection only
 * (`tls-exporter`, RFC 9266): somebody in between, whose certificate the client took for ours, cannot pass it on.
 */
import { timingSafeEqual } from "node:crypto";
import {
  unexpectedAnswer,
  type SaslAnswer,
  type SaslExchange,
  type SaslFault,
  type SaslStep,
  type ScramMechanism,
} from "./exchange.ts";
import { isProofRight, serverSignature, type ScramVerifier } from "./scram-keys.ts";
import {
  readClientFinal,
  readClientFirst,
  type BindingFlag,
  type ClientFirst,
} from "./scram-messages.ts";

/** How far the exchange is, and what has to be kept until then. */
type Stage =
  | { readonly kind: "client-first" }
  | { readonly kind: "verifier"; readonly first: ClientFirst }
  | { readonly kind: "client-final"; readonly first: ClientFirst; readonly challenge: Challenge }
  | { readonly kind: "proof"; readonly signature: string | undefined }
  /** The server has shown its signature; the client says yes to it with an empty message. */
  | { readonly kind: "conclusion" };

/** What the server said first, and what the proof is held against. */
interface Challenge {
  readonly message: string;
  readonly nonce: string;
  readonly verifier: ScramVerifier;
}

const MALFORMED: SaslStep = refuse("malformed");

/** RFC 9266 §2; `tls-unique` does not exist in TLS 1.3, and before it is no safe thing to bind to (RFC 9266 §1). */
const BINDING_TYPE = "tls-exporter";

const NOTHING = new Uint8Array(0);

export class ScramExchange implements SaslExchange {
  readonly #mechanism: ScramMechanism;
  /** Of our end of the TLS connection; where there is one, -PLUS was offered. */
  readonly #exporter: Uint8Array | undefined;
  #stage: Stage = { kind: "client-first" };

  constructor(mechanism: ScramMechanism, exporter?: Uint8Array) {
    this.#mechanism = mechanism;
    this.#exporter = exporter;
  }

  begin(): SaslStep {
    return { kind: "challenge", message: "" };
  }

  receive(message: Uint8Array): SaslStep {
    switch (this.#stage.kind) {
      case "client-first":
        return this.#clientFirst(message);
      case "client-final":
        return this.#clientFinal(message, this.#stage.first, this.#stage.challenge);
      case "conclusion":
        return message.length === 0 ? { kind: "done" } : MALFORMED;
      case "verifier":
      case "proof":
        throw new Error("a message came while the desk was asked");
    }
  }

  answer(answer: SaslAnswer): SaslStep {
    if (this.#stage.kind === "verifier" && answer.kind === "verifier")
      return this.#challenge(this.#stage.first, answer.verifier, answer.nonce);
    if (this.#stage.kind === "proof" && answer.kind === "authenticated")
      return this.#conclude(this.#stage.signature);
    return unexpectedAnswer(answer);
  }

  #clientFirst(message: Uint8Array): SaslStep {
    const first = readClientFirst(message);
    if (typeof first === "string") return refuse(first);
    const fault = this.#bindingFault(first.flag);
    if (fault !== undefined) return refuse(fault);
    this.#stage = { kind: "verifier", first };
    const { login } = first;
    return { kind: "ask", ask: { kind: "verifier", mechanism: this.#mechanism, login } };
  }

  /** What a client may say of channel binding follows from the mechanism that it chose and from what was offered (RFC 5802 §6). */
  #bindingFault(flag: BindingFlag): SaslFault | undefined {
    const offered = this.#exporter !== undefined;
    if (this.#mechanism === "SCRAM-SHA-256-PLUS")
      return offered && typeof flag === "object" && flag.type === BINDING_TYPE
        ? undefined
        : "channel-binding";
    if (typeof flag === "object") return "channel-binding";
    // It would have bound, had it seen our offer: somebody took it out of the list.
    return flag === "not offered" && offered ? "intercepted" : undefined;
  }

  #challenge(first: ClientFirst, verifier: ScramVerifier, serverNonce: string): SaslStep {
    const nonce = first.nonce + serverNonce;
    const message = `r=${nonce},s=${verifier.salt.toBase64()},i=${verifier.iterations}`;
    this.#stage = { kind: "client-final", first, challenge: { message, nonce, verifier } };
    return { kind: "challenge", message };
  }

  #clientFinal(message: Uint8Array, first: ClientFirst, challenge: Challenge): SaslStep {
    const final = readClientFinal(message);
    if (final === undefined || final.nonce !== challenge.nonce) return MALFORMED;
    if (!isEqual(final.channelBinding, this.#expectedBinding(first))) return refuse("intercepted");
    const authMessage = `${first.bare},${challenge.message},${final.withoutProof}`;
    const right = isProofRight(challenge.verifier, authMessage, final.proof);
    const signature = serverSignature(challenge.verifier, authMessage).toBase64();
    this.#stage = { kind: "proof", signature: right ? signature : undefined };
    return { kind: "ask", ask: { kind: "proof", right } };
  }

  /** RFC 5802 §6: a first message that was changed on its way shows in the header, another connection behind it. */
  #expectedBinding({ flag, gs2Header }: ClientFirst): Uint8Array {
    const data = typeof flag === "object" ? (this.#exporter ?? NOTHING) : NOTHING;
    return joined(new TextEncoder().encode(gs2Header), data);
  }

  /** Whatever the desk says, nobody gets in without the proof. */
  #conclude(signature: string | undefined): SaslStep {
    if (signature === undefined) throw new Error("a wrong proof was let in");
    this.#stage = { kind: "conclusion" };
    return { kind: "challenge", message: `v=${signature}` };
  }
}

function refuse(why: SaslFault): SaslStep {
  return { kind: "refuse", why };
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

function joined(before: Uint8Array, after: Uint8Array): Uint8Array {
  const all = new Uint8Array(before.length + after.length);
  all.set(before);
  all.set(after, before.length);
  return all;
}
