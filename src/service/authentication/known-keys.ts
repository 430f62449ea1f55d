/**
 * Public keys as mailauth reads them out of their records, ready to verify with: to read one and to make it ready costs more than to
 * verify with it. A key is known by the whole text of its record and all else that its reading depends on, so it says what the DNS
 * says now. Bounded: what was used longest ago goes.
 */
import { createPublicKey } from "node:crypto";
import type { DNSResolver } from "mailauth";
import type { KeyCache, PublishedKey } from "mailauth/lib/dkim/dkim-verifier.js";
import { putLast } from "../../runtime/index.ts";

/** Of a text of 4,096 octets at most (`TEXT_OCTETS_LIMIT`) and the key in it each. */
export const KNOWN_KEYS_LIMIT = 1000;

export class KnownKeys {
  /** Used longest ago first. */
  readonly #keys = new Map<string, PublishedKey>();

  /** For one message: the DNS is asked as its resolver asks, and mailauth's own cache reads what is new. */
  within(own: KeyCache, resolver: DNSResolver): KeyCache {
    return {
      get: async (type, name, minBitLength, options) => {
        const text = await textOf(resolver, name);
        if (text === undefined) return own.get(type, name, minBitLength, options);
        const identity = JSON.stringify([text, minBitLength, options]);
        const key =
          this.#keys.get(identity) ?? ready(await own.get(type, name, minBitLength, options));
        putLast(this.#keys, identity, key, KNOWN_KEYS_LIMIT);
        return key;
      },
    };
  }
}

/**
 * What mailauth reads: the first record. Undefined where there is none, and for a name that is not ASCII, which our resolver takes for no
 * name: mailauth asks for another one then (RFC 8616 §3), and this must not be that of somebody else.
 */
async function textOf(resolver: DNSResolver, name: string): Promise<string | undefined> {
  try {
    const [first] = await resolver(name, "TXT");
    return first === undefined ? undefined : [first].flat().join("");
  } catch {
    return undefined; // mailauth hears it once more, and says why
  }
}

/** Given as PEM, it would be read again for each signature. */
function ready({ publicKey, ...found }: PublishedKey): PublishedKey {
  const key = typeof publicKey === "string" ? createPublicKey(publicKey) : publicKey;
  return { ...found, publicKey: key };
}
