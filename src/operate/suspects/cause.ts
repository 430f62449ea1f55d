/** What a reporter shows of a host: a message that came through it, or what he has seen. */
import type { Sample } from "../../mail/index.ts";

export type Cause =
  | ({ readonly kind: "sample" } & Pick<Sample, "sha256"> & Partial<Sample>)
  | { readonly kind: "note"; readonly text: string };

export function causeText(cause: Cause): string {
  switch (cause.kind) {
    case "sample":
      return `a message that came through it, SHA-256 ${cause.sha256}`;
    case "note":
      return cause.text;
  }
}
