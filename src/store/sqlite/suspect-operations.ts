/** What is asked of the writer thread about hosts that were reported as open relays. */
import type { SuspectEdit } from "../index.ts";

export interface SuspectOperation {
  readonly kind: "suspect";
  readonly write: SuspectWrite;
}

export type SuspectWrite =
  /** "gone" where somebody else has changed it. */
  | { readonly kind: "apply"; readonly edit: SuspectEdit }
  /** One step of forgetting; "more" when there is more to forget. */
  | { readonly kind: "prune"; readonly before: number; readonly reports: number };
