/** What the server and the thread that makes snapshots tell each other, in the order in which it is said. */
import type { Dataset } from "../../policy/lists/files/index.ts";
import type { EntryChange, ZoneAnswer } from "./zone-entries.ts";

export type ToThread =
  /** A zone without entries, whatever was known of it before. */
  | { readonly kind: "begin"; readonly zone: string; readonly answer: ZoneAnswer }
  | { readonly kind: "change"; readonly zone: string; readonly changes: readonly EntryChange[] }
  | { readonly kind: "make"; readonly id: number; readonly zone: string }
  | { readonly kind: "forget"; readonly zone: string }
  /** Of a dataset that was made elsewhere. */
  | { readonly kind: "non-terminals"; readonly id: number; readonly dataset: Dataset };

export type FromThread =
  | { readonly kind: "made"; readonly id: number; readonly snapshot: EntriesSnapshot }
  | { readonly kind: "non-terminals"; readonly id: number; readonly row: Uint32Array };

/** In memory that threads share. */
export interface EntriesSnapshot {
  readonly dataset: Dataset;
  /** Made by `nonTerminalsOf`. */
  readonly nonTerminals: Uint32Array;
  /** See `ZoneEntries`. */
  readonly isWorn: boolean;
}
