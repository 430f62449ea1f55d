/** What one case has shown of a server. */
import type { Reply } from "../relaytest/index.ts";

export interface Observed {
  /** The worst that the server took of what it must not take. */
  readonly taken: "nothing" | "recipient" | "message";
  /** It took a name of its own domain; `beside`: with the tester's address in the same argument. */
  readonly own?: { readonly beside: boolean };
  /** What was content, or came before TLS, was obeyed as commands. */
  readonly obeyedContent: boolean;
  /** A message was held back, because it might have reached somebody else. */
  readonly heldBack: boolean;
  /** The reply to the first MAIL. */
  readonly mail?: Reply;
  /** The reply that decided: the last no, or the yes. */
  readonly decisive?: Reply;
  readonly end: "open" | "closed" | "silence" | "rubbish";
  /** Refusals: of commands that were not understood (50x), and all. */
  readonly refusals: { readonly syntax: number; readonly all: number };
}

/** Nothing was said, or the answer came before there was anything to say. */
export const NOTHING_OBSERVED: Observed = {
  taken: "nothing",
  obeyedContent: false,
  heldBack: false,
  end: "closed",
  refusals: { syntax: 0, all: 0 },
};
