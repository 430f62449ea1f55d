/** What of mailauth's verifier we hold on to; its own types have the whole function alone. test/service/authentication sees whether it is so. */
declare module "mailauth/lib/dkim/dkim-verifier.js" {
  import type { KeyObject } from "node:crypto";
  import type { Writable } from "node:stream";
  import type { ARCData, DKIMResult, DNSResolver } from "mailauth";

  export interface BodyHasher {
    update(block: Uint8Array): void;
  }

  export interface PreparedSignature {
    readonly selector?: string;
    readonly signingDomain?: string;
  }

  /** What a key's record says, and the key, as `crypto.verify` takes it. */
  export interface PublishedKey {
    readonly publicKey: KeyObject | string;
  }

  /** Of one message. */
  export interface KeyCache {
    get(
      type: string,
      name: string,
      minBitLength: number | undefined,
      options: unknown,
    ): Promise<PublishedKey>;
  }

  export class DkimVerifier extends Writable {
    constructor(options: { readonly resolver: DNSResolver; readonly strict: boolean });
    /** Where it gets the keys of its signatures. */
    keyCache: KeyCache;
    /** By canonicalization, hash and length: "relaxed:sha256:". */
    readonly bodyHashes: ReadonlyMap<string, BodyHasher>;
    /** After `messageHeaders`: of DKIM, and the newest of ARC. */
    readonly signatureHeaders: readonly PreparedSignature[];
    readonly headerFrom: string[];
    readonly fromFields: number;
    readonly results: DKIMResult[];
    readonly arc: ARCData;
    /** The header section is whole. */
    messageHeaders(headers: unknown): Promise<void>;
    /** The next block of the body. */
    nextChunk(block: Uint8Array): Promise<void>;
    /** The body is over: hashes are compared, keys looked up, signatures verified. */
    finalChunk(): Promise<void>;
  }
}
