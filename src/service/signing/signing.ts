/**
 * DKIM signatures (RFC 6376; Ed25519: RFC 8463) of what our domains send, and ARC seals of what they forward. The body is hashed
 * while it passes, once for all keys; the header section is signed at the end, as it will leave.
 */
import type { Domain } from "../../mail/index.ts";
import type { Clock } from "../../runtime/index.ts";
import { asItLeaves, BodyHash } from "./body-hash.ts";
import { PrivateKeys, type SigningKey } from "./private-keys.ts";
import { relaxedField, relaxedFields } from "./relaxed-header.ts";
import { arcSet, type Findings, type Seal } from "./seal.ts";
import { SIGNATURE_FIELD, signedValue, unsignedMessage } from "./signature-field.ts";
import { fieldsToSign } from "./signed-fields.ts";

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

export interface Sealing {
  /** As for a signature. */
  body(slice: Uint8Array): void;
  /** The body is over, and this is the header section. The fields to write above it; or why there can be none. */
  finish(section: Uint8Array, findings: Findings): Promise<Seal | string>;
}

export class Signing {
  readonly #deps: SigningDeps;
  readonly #keys = new PrivateKeys();

  constructor(deps: SigningDeps) {
    this.#deps = deps;
  }

  /** For a message whose From field has this domain; undefined where nothing is to be signed. */
  open(domain: Domain): Signature | undefined {
    const keys = this.#deps.signingKeys(domain);
    if (keys.length === 0) return undefined;
    const hash = new BodyHash();
    return {
      body: (slice) => hash.write(slice),
      finish: (section) => this.#signed(domain, keys, section, hash.end()),
    };
  }

  /** For a message that an alias of the domain forwards. RSA alone: hardly anybody verifies seals by Ed25519. Undefined without such a key. */
  openSeal(domain: Domain): Sealing | undefined {
    const key = this.#deps.signingKeys(domain).find(({ algorithm }) => algorithm === "rsa-2048");
    if (key === undefined) return undefined;
    const hash = new BodyHash();
    return {
      body: (slice) => hash.write(slice),
      finish: (section, findings) =>
        arcSet(
          asItLeaves(section),
          { ...findings, bodyHash: hash.end() },
          { key, domain, at: this.#seconds() },
          (text) => this.#keys.signature(text, key),
        ),
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
    const at = this.#seconds();
    const hashed = relaxedFields(section, toSign.fields);
    const fields = await Promise.all(
      keys.map(async (key) => {
        const tags = { first: "v=1", key, domain, at, fields: toSign.names, bodyHash };
        const unsigned = unsignedMessage(tags);
        const input = hashed + relaxedField(SIGNATURE_FIELD, unsigned);
        const value = signedValue(unsigned, await this.#keys.signature(input, key));
        return `${SIGNATURE_FIELD}:${value}\r\n`;
      }),
    );
    return Buffer.from(fields.join(""));
  }

  #seconds(): number {
    return Math.floor(this.#deps.clock.now() / 1000);
  }
}
