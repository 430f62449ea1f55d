/**
 * DKIM signatures (RFC 6376; Ed25519: RFC 8463) of messages that come in. The body is hashed while it passes, once for all keys;
 * the header section is signed at the end, as it is then. What is signed is what will leave: lines of more than 998 octets are
 * broken on the way out (protocol/smtp), so they are broken here before they are hashed. Memory: less than one line of the body.
 */
import { createHash, createPrivateKey, sign, type KeyObject } from "node:crypto";
import type { Domain } from "../../mail/index.ts";
import { LineBreaker } from "../../protocol/smtp/index.ts";
import type { Clock } from "../../runtime/index.ts";
import { RelaxedBody } from "./relaxed-body.ts";
import { relaxedField, relaxedFields } from "./relaxed-header.ts";
import {
  SIGNATURE_FIELD,
  signedField,
  unsignedValue,
  type SignatureTags,
} from "./signature-field.ts";
import { fieldsToSign } from "./signed-fields.ts";

export interface SigningKey {
  readonly selector: string;
  readonly algorithm: "rsa-2048" | "ed25519";
  /** PKCS#8, PEM. */
  readonly privateKey: string;
}

export interface SigningDeps {
  /** Those of the domain that sign now, at once; may throw; none for a domain that is not ours. */
  signingKeys(domain: Domain): readonly SigningKey[];
  readonly clock: Clock;
}

export interface Signature {
  /** The next slice of the body: what stands behind the header section and its blank line. */
  body(slice: Uint8Array): void;
  /**
   * The body is over, and this is the header section as it is stored. The fields to write above it; empty where it cannot be
   * signed (see `fieldsToSign`).
   */
  finish(section: Uint8Array): Promise<Uint8Array>;
}

/** Keys kept ready, over all domains; to read one takes as long as some signatures of Ed25519. */
const KEYS_KEPT = 1000;

export class Signing {
  readonly #deps: SigningDeps;
  /** By their PEM. */
  readonly #keys = new Map<string, KeyObject>();

  constructor(deps: SigningDeps) {
    this.#deps = deps;
  }

  /** For a message whose From field has this domain; undefined where nothing is to be signed. */
  open(domain: Domain): Signature | undefined {
    const keys = this.#deps.signingKeys(domain);
    if (keys.length === 0) return undefined;
    const hash = createHash("sha256");
    const relaxed = new RelaxedBody((slice) => hash.update(slice));
    const lines = new LineBreaker();
    const pass = (slice: Uint8Array): void => relaxed.write(slice);
    return {
      body: (slice) => lines.write(slice, pass),
      finish: (section) => {
        lines.end(pass);
        relaxed.end();
        return this.#signed(domain, keys, section, hash.digest("base64"));
      },
    };
  }

  async #signed(
    domain: Domain,
    keys: readonly SigningKey[],
    stored: Uint8Array,
    bodyHash: string,
  ): Promise<Uint8Array> {
    const section = asItLeaves(stored);
    const toSign = fieldsToSign(section);
    if (toSign === undefined) return new Uint8Array(0);
    const at = Math.floor(this.#deps.clock.now() / 1000);
    const hashed = relaxedFields(section, toSign.fields);
    const fields = await Promise.all(
      keys.map(async ({ selector, algorithm, privateKey }) => {
        const tags: SignatureTags = {
          algorithm: algorithm === "ed25519" ? "ed25519-sha256" : "rsa-sha256",
          domain,
          selector,
          at,
          fields: toSign.names,
          bodyHash,
        };
        const input = hashed + relaxedField(SIGNATURE_FIELD, unsignedValue(tags));
        const octets = Buffer.from(input, "latin1");
        return signedField(tags, await signatureOf(octets, algorithm, this.#key(privateKey)));
      }),
    );
    return Buffer.from(fields.join(""));
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

function asItLeaves(section: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  const lines = new LineBreaker();
  lines.write(section, (slice) => parts.push(slice));
  lines.end((slice) => parts.push(slice));
  return Buffer.concat(parts);
}

/** base64. Made on another thread: RSA takes its time. Ed25519 signs the hash (RFC 8463 §3). */
function signatureOf(
  input: Uint8Array,
  algorithm: SigningKey["algorithm"],
  key: KeyObject,
): Promise<string> {
  const ed25519 = algorithm === "ed25519";
  const data = ed25519 ? createHash("sha256").update(input).digest() : input;
  return new Promise((resolve, reject) => {
    sign(ed25519 ? null : "sha256", data, key, (error, signature) => {
      if (error === null) resolve(signature.toString("base64"));
      else reject(error);
    });
  });
}
