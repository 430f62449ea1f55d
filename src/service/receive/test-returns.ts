/**
 * What comes back of this site's relay tests, in receiving's own words: it is kept as evidence before it is answered, goes into no
 * mailbox and no queue, and nobody is told of it.
 */
import type { Ip, ReversePath } from "../../mail/index.ts";
import type { TestAddress } from "../../policy/routing/index.ts";
import type { MessageDraft } from "../../store/index.ts";

export interface TestReturns {
  /**
   * Resolves when it is in the store: what it shows, in a word for each recipient (`relay`, `report`). Rejects when the store fails, and the caller
   * says 451.
   */
  came(back: CameBack): Promise<readonly string[]>;
}

export interface CameBack {
  /** Whose it was addressed to; each once. */
  readonly to: readonly TestAddress[];
  readonly reversePath: ReversePath;
  /** Who brought it. */
  readonly client: Ip;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The header section as it came. */
  readonly section: Uint8Array;
}

/** For content of which no more than the header section is wanted. */
export const NO_DRAFT: MessageDraft = {
  write: () => true,
  commit: () => Promise.reject(new Error("evidence is kept elsewhere")),
  abandon() {},
};
