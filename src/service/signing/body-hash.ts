/**
 * The hash of a body as it will leave, taken while it passes: lines of more than 998 octets are broken on the way out
 * (protocol/smtp), so they are broken here before they are hashed. Memory: less than one line of the body.
 */
import { createHash } from "node:crypto";
import { LineBreaker } from "../../protocol/smtp/index.ts";
import { RelaxedBody } from "./relaxed-body.ts";

export class BodyHash {
  readonly #hash = createHash("sha256");
  readonly #relaxed = new RelaxedBody((slice) => this.#hash.update(slice));
  readonly #lines = new LineBreaker();

  write(slice: Uint8Array): void {
    this.#lines.write(slice, this.#pass);
  }

  /** The body is over: base64. */
  end(): string {
    this.#lines.end(this.#pass);
    this.#relaxed.end();
    return this.#hash.digest("base64");
  }

  readonly #pass = (slice: Uint8Array): void => this.#relaxed.write(slice);
}

/** A header section with its long lines broken. */
export function asItLeaves(section: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  const lines = new LineBreaker();
  lines.write(section, (slice) => parts.push(slice));
  lines.end((slice) => parts.push(slice));
  return Buffer.concat(parts);
}
