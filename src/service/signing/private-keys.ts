/** Signatures by private keys, which are kept ready: to read one takes as long as some signatures of Ed25519. */
import { createHash, createPrivateKey, sign, type KeyObject } from "node:crypto";

export interface SigningKey {
  readonly selector: string;
  readonly algorithm: "rsa-2048" | "ed25519";
  /** PKCS#8, PEM. */
  readonly privateKey: string;
}

/** Over all domains. */
const KEYS_KEPT = 1000;

export class PrivateKeys {
  /** By their PEM. */
  readonly #keys = new Map<string, KeyObject>();

  /**
   * Of text of one octet a character; base64. Made on another thread: RSA takes its time. Ed25519 signs the hash
   * (RFC 8463 §3).
   */
  signature(text: string, { algorithm, privateKey }: SigningKey): Promise<string> {
    const input = Buffer.from(text, "latin1");
    const ed25519 = algorithm === "ed25519";
    const data = ed25519 ? createHash("sha256").update(input).digest() : input;
    const key = this.#key(privateKey);
    return new Promise((resolve, reject) => {
      sign(ed25519 ? null : "sha256", data, key, (error, signature) => {
        if (error === null) resolve(signature.toString("base64"));
        else reject(error);
      });
    });
  }

  #key(pem: string): KeyObject {
    const kept = this.#keys.get(pem);
    if (kept !== undefined) return kept;
    if (this.#keys.size >= KEYS_KEPT) this.#keys.clear();
    const key = createPrivateKey(pem);
    this.#keys.set(pem, key);
    return key;
  }
}
