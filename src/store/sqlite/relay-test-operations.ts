/** What is asked of the writer thread about tests of other servers. */
import type { RelayTest, RelayTestCase, RelayTestOutcome, RelayTestReturn } from "../index.ts";

export interface RelayTestOperation {
  readonly kind: "relay test";
  readonly write: RelayTestWrite;
}

export type RelayTestWrite =
  | { readonly kind: "begin"; readonly test: RelayTest }
  /** "gone" where another has it, or nobody any more. */
  | {
      readonly kind: "take";
      readonly id: string;
      readonly before: string;
      readonly holder: string;
    }
  | {
      readonly kind: "expect";
      readonly id: string;
      readonly cases: readonly RelayTestCase[];
    }
  | { readonly kind: "keep outcome"; readonly outcome: RelayTestOutcome }
  | { readonly kind: "keep return"; readonly returned: RelayTestReturn }
  | {
      readonly kind: "conclude";
      readonly id: string;
      readonly found: string;
      readonly endedAt: number | null;
    }
  /** One step of forgetting; "more" when there is more to forget. */
  | { readonly kind: "prune"; readonly before: number };
