/** What the checks at RCPT are asked about. */
import type { ForwardPath } from "../../mail/index.ts";
import type { Route } from "../routing/index.ts";
import type { ClientClass } from "./decision-table.ts";

export interface RecipientSubject {
  readonly client: ClientClass;
  readonly forwardPath: ForwardPath;
  readonly route: Route;
  /** RFC 1870, as the client declared it; 0 when it did not. */
  readonly declaredOctets: number;
}
