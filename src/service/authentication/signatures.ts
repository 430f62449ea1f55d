/**
 * DKIM signatures and the newest ARC-Message-Signature of a message, verified by mailauth. Only the relaxed form of the body is
 * ours: made by mailauth it costs a second for some megabytes of short lines with blanks at their ends, once for each signature.
 */
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ARCData, DKIMResult, DNSResolver } from "mailauth";
import { RelaxedBody } from "../signing/index.ts";
import { WholeLines } from "./whole-lines.ts";

export interface Verified {
  readonly results: readonly DKIMResult[];
  /** The addresses in From, and in how many fields they stand. */
  readonly headerFrom: string[];
  readonly fromFields: number;
  /** The chain as it stands there, for mailauth's `arc`. */
  readonly arc: ARCData;
}

/** `message` comes in blocks of their own memory that end with a line. */
export async function verifySignatures(
  message: Readable,
  options: { readonly resolver: DNSResolver; readonly strict: boolean },
): Promise<Verified> {
  const { DkimVerifier } = await import("mailauth/lib/dkim/dkim-verifier.js");

  class Verifier extends DkimVerifier {
    // What is relaxed stays so when mailauth relaxes it once more.
    readonly #lines = new WholeLines((block) => this.#hash(true, block));
    readonly #relaxed = new RelaxedBody((slice) => void this.#lines.write(slice));

    /** Each key is asked for at once, while the body comes: a slow server of one signature takes no time from another. */
    override async messageHeaders(headers: unknown): Promise<void> {
      await super.messageHeaders(headers);
      for (const { selector = "", signingDomain = "" } of this.signatureHeaders)
        options.resolver(`${selector}._domainkey.${signingDomain}`, "TXT").catch(() => {});
    }

    override async nextChunk(block: Uint8Array): Promise<void> {
      this.#relaxed.write(block);
      this.#hash(false, block);
    }

    override async finalChunk(): Promise<void> {
      this.#relaxed.end();
      this.#lines.end();
      await super.finalChunk();
    }

    #hash(relaxed: boolean, block: Uint8Array): void {
      for (const [name, hasher] of this.bodyHashes)
        if (name.startsWith("relaxed:") === relaxed) hasher.update(block);
    }
  }

  const verifier = new Verifier(options);
  await pipeline(message, verifier);
  const { headerFrom, fromFields, arc } = verifier;
  return { headerFrom, fromFields, arc, results: verifier.results.map(whole) };
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
