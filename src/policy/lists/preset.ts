/** What is known of a well-known list, so that nobody has to look it up. Nothing of it is asked until it is chosen. */
import type { AskedAs, ListKind } from "./list.ts";

export interface Preset {
  /** Shown, unless the operator says otherwise. */
  readonly name: string;
  readonly zone: string;
  /** For customers: a zone in which "{key}" stands for the key. */
  readonly keyedZone?: string;
  readonly kind: ListKind;
  readonly ask: readonly AskedAs[];
  /** Code pattern to meaning and weight. */
  readonly answers: Readonly<Record<string, PresetAnswer>>;
  /** On top of what is an error everywhere. */
  readonly errors: readonly string[];
  /** An entry that it always has, where it is not that of RFC 5782 §5. */
  readonly test?: string;
  readonly relays: boolean;
}

export interface PresetAnswer {
  readonly meaning: string;
  readonly weight: number;
}
