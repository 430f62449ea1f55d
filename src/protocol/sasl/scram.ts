/**
 * The SCRAM-SHA-256 mechanism (RFC 5802, RFC 7677), the server's side. The password never crosses the wire: the client
 * proves that it knows it, and then the server that it keeps the keys made of it. A name that is nobody's goes
 * through the same steps, with a verifier that nothing fits.
 */
import { unexpectedAnswer, type SaslAnswer, type SaslExchange, type SaslStep } from "./exchange.ts";
import { isProofRight, serverSignature, type ScramVerifier } from "./scram-keys.ts";
import { readClientFinal, readClientFirst, type ClientFirst } from "./scram-messages.ts";

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

const MALFORMED: SaslStep = { kind: "refuse", why: "malformed" };

export class ScramExchange implements SaslExchange {
  #stage: Stage = { kind: "client-first" };

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
    if (typeof first === "string") return { kind: "refuse", why: first };
    this.#stage = { kind: "verifier", first };
    return { kind: "ask", ask: { kind: "verifier", login: first.login } };
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
    // RFC 5802 §6: somebody between us who took channel binding out of the first message shows here.
    if (final.channelBinding !== base64Of(first.gs2Header)) return MALFORMED;
    const authMessage = `${first.bare},${challenge.message},${final.withoutProof}`;
    const right = isProofRight(challenge.verifier, authMessage, final.proof);
    const signature = serverSignature(challenge.verifier, authMessage).toBase64();
    this.#stage = { kind: "proof", signature: right ? signature : undefined };
    return { kind: "ask", ask: { kind: "proof", right } };
  }

  /** Whatever the desk says, nobody gets in without the proof. */
  #conclude(signature: string | undefined): SaslStep {
    if (signature === undefined) throw new Error("a wrong proof was let in");
    this.#stage = { kind: "conclusion" };
    return { kind: "challenge", message: `v=${signature}` };
  }
}

/** The header is what the client sent, ASCII but for a name in it. */
function base64Of(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}
