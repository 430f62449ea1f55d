/** What a reporter shows of a host: a message that came through it, or what he has seen. */
export type Cause =
  /** SHA-256 in lower-case hexadecimal; `head`: header fields of the message, as they came. */
  | { readonly kind: "sample"; readonly sha256: string; readonly head?: string }
  | { readonly kind: "note"; readonly text: string };

/** Characters of a sample's header section that are kept. */
export const SAMPLE_HEAD_LIMIT = 8192;

export function causeText(cause: Cause): string {
  switch (cause.kind) {
    case "sample":
      return `a message that came through it, SHA-256 ${cause.sha256}`;
    case "note":
      return cause.text;
  }
}
