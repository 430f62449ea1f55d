/** What is asked of the writer thread about published lists. */
import type { PublishedEdit } from "../index.ts";

export interface PublishedOperation {
  readonly kind: "published";
  readonly write: PublishedWrite;
}

export type PublishedWrite =
  | { readonly kind: "apply"; readonly edit: PublishedEdit }
  | { readonly kind: "next serial"; readonly zone: string; readonly now: number }
  /** One step each; "more" when there is more to remove, or to forget. */
  | { readonly kind: "expire"; readonly now: number }
  | { readonly kind: "prune"; readonly before: number };
