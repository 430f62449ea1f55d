/** What the checks at RCPT are asked about. */
import type { CheckedFacts, ForwardPath, IdentityLevel, ReversePath } from "../../mail/index.ts";
import type { Route } from "../routing/index.ts";
import type { Client } from "./client.ts";
import type { UnknownFacts } from "./unknown-recipient.ts";

export type KnownLevel = () => IdentityLevel | Promise<IdentityLevel>;

/**
 * What comes back of a relay test comes from an open relay by its nature, with a sender that its domain may disown: what is asked of
 * strangers would keep out just the evidence. Whether a test has sent it is asked instead (relay.ts).
 */
export function isEvidence({ route }: Pick<RecipientSubject, "route">): boolean {
  return route.recipient === "relay test's return";
}

export interface RecipientSubject {
  readonly client: Client;
  /** What it called itself; absent where nobody has heard it. */
  readonly helo?: string;
  readonly reversePath: ReversePath;
  readonly forwardPath: ForwardPath;
  readonly route: Route;
  /** Of one whom nobody has here: what its kind was judged on. */
  readonly unknown?: UnknownFacts;
  /** RFC 1870, as the client declared it; 0 when it did not. */
  readonly declaredOctets: number;
  /** Recipients of this transaction that were accepted before. */
  readonly recipientsBefore: number;
  /** One of them was a forward's return. */
  readonly returnBefore: boolean;
  /** How well it is known who speaks, as far as it can be before the message. For checks that depend on it: the DNS may have to be asked. Absent: not at all. */
  readonly level?: KnownLevel;
  /** Judged before, as a recipient of another kind: what the checks had gathered then. Whoever counts has counted it. */
  readonly earlier?: readonly CheckedFacts[];
}
