/**
 * DKIM signatures and the newest ARC-Message-Signature of a message, verified by mailauth. Only the relaxed form of the body is
 * ours: made by mailauth it costs a second for some megabytes of short lines with blanks at their ends, once for each signature.
 */
import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import type { ARCData, DKIMResult, DNSResolver } from "mailauth";
import type { DkimVerifier } from "mailauth/lib/dkim/dkim-verifier.js";
import { RelaxedBody } from "../signing/index.ts";
import type { Authors } from "./author-policy.ts";
import { KnownKeys } from "./known-keys.ts";
import { mailauth } from "./mailauth.ts";
import { WholeLines } from "./whole-lines.ts";

export interface Verified extends Authors {
  readonly results: readonly DKIMResult[];
  /** The chain as it stands there, for mailauth's `arc`. */
  readonly arc: ARCData;
}

export interface VerifyOptions {
  readonly resolver: DNSResolver;
  readonly strict: boolean;
  /** Told when the header section has been read. */
  readonly onAuthors: (authors: Authors) => void;
}

/** For all messages: what a record's text says is the same for each. */
const known = new KnownKeys();

/** `message` comes in blocks of their own memory that end with a line. */
export async function verifySignatures(
  message: Readable,
  options: VerifyOptions,
): Promise<Verified> {
  const { DkimVerifier } = await mailauth();
  verifierClass ??= withOurRelaxedBody(DkimVerifier);
  const verifier = new verifierClass(options);
  verifier.keyCache = known.within(verifier.keyCache, options.resolver);
  await readBy(verifier, message);
  const { headerFrom, fromFields, arc } = verifier;
  return { headerFrom, fromFields, arc, results: verifier.results.map(whole) };
}

/** As `pipeline` does, which ends each message by aborting what listens, with an error of its own: nearly as much work as DMARC. */
async function readBy(verifier: DkimVerifier, message: Readable): Promise<void> {
  const read = finished(verifier);
  read.catch(() => {}); // heard of where it is written to
  for await (const block of message)
    await new Promise<void>((resolve, reject) => {
      verifier.write(block, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  verifier.end();
  await read;
}

let verifierClass: typeof DkimVerifier | undefined;

function withOurRelaxedBody(Base: typeof DkimVerifier): typeof DkimVerifier {
  return class extends Base {
    readonly #options: VerifyOptions;
    // What is relaxed stays so when mailauth relaxes it once more.
    readonly #lines = new WholeLines((block) => this.#hash(true, block));
    readonly #relaxed = new RelaxedBody((slice) => void this.#lines.write(slice));
    /** Some signature is over the relaxed form. */
    #relaxes = false;

    constructor(options: VerifyOptions) {
      super(options);
      this.#options = options;
    }

    /** Each key is asked for at once, while the body comes: a slow server of one signature takes no time from another. */
    override async messageHeaders(headers: unknown): Promise<void> {
      await super.messageHeaders(headers);
      const { headerFrom, fromFields } = this;
      this.#options.onAuthors({ headerFrom, fromFields });
      this.#relaxes = this.bodyHashes.keys().some(isRelaxed);
      for (const { selector = "", signingDomain = "" } of this.signatureHeaders)
        this.#options.resolver(`${selector}._domainkey.${signingDomain}`, "TXT").catch(() => {});
    }

    override async nextChunk(block: Uint8Array): Promise<void> {
      if (this.#relaxes) this.#relaxed.write(block);
      this.#hash(false, block);
    }

    override async finalChunk(): Promise<void> {
      this.#relaxed.end();
      this.#lines.end();
      await super.finalChunk();
    }

    #hash(relaxed: boolean, block: Uint8Array): void {
      for (const [name, hasher] of this.bodyHashes)
        if (isRelaxed(name) === relaxed) hasher.update(block);
    }
  };
}

function isRelaxed(hash: string): boolean {
  return hash.startsWith("relaxed:");
}

/**
 * A signature that leaves a part of the body to whoever comes after it (l=, RFC 6376 §8.2) speaks for none of it: a reader is shown
 * what was added just as what was signed. RFC 8601 §2.7.1 has a word for it.
 */
function whole(result: DKIMResult): DKIMResult {
  const { status, info } = result;
  if (status.result !== "pass" || (status.underSized ?? 0) === 0) return result;
  return {
    ...result,
    status: { ...status, result: "policy" },
    info: info.replace(/^dkim=pass/, "dkim=policy"),
  };
}
