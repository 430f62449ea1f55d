/** A message that somebody shows as evidence: which it is, and the beginning of its header section. */

export interface Sample {
  /** SHA-256 of its octets, in lower-case hexadecimal. */
  readonly sha256: string;
  /** Header fields as they came, up to `SAMPLE_HEAD_LIMIT`. */
  readonly head: string;
}

/** Octets of a sample's header section that are kept. */
export const SAMPLE_HEAD_LIMIT = 8192;

/** As text; octets that are none are replaced. */
export function sampleHead(section: Uint8Array): string {
  return new TextDecoder().decode(section.subarray(0, SAMPLE_HEAD_LIMIT));
}
