/**
 * Who may send where: one total function over two closed lists, with no default and no configuration. Mail for a
 * foreign domain leaves only on the strength of a basis that is named here; loopback and private addresses are
 * strangers like any other. What a cell says does not depend on who claims to be the sender; of a peer, whose mail leaves for pairs of
 * domains, peer.ts asks about that too.
 */
import { status, type GrantBasis, type Status } from "../../mail/index.ts";
import { RECIPIENT_CLASSES, type RecipientClass } from "../routing/index.ts";
import { CLIENT_CLASSES, type ClientClass } from "./client.ts";

export type Decision =
  | { readonly kind: "deposit" }
  /** As evidence of a relay test, in no mailbox, where one awaits it (relay.ts asks). */
  | { readonly kind: "keep" }
  /** To the recipient's addresses abroad, and into its mailboxes where it has some too. */
  | { readonly kind: "relay"; readonly basis: GrantBasis }
  /** Taken, to be told to its sender by mail in the words that would have refused it. */
  | { readonly kind: "report"; readonly status: Status }
  | { readonly kind: "refuse"; readonly status: Status };

export function decide(client: ClientClass, recipient: RecipientClass): Decision {
  switch (recipient) {
    case "mailbox":
    case "alias":
    case "role":
    case "report address":
    case "catch-all":
      return DEPOSIT;
    case "relay test's return":
      return KEEP;
    case "alias abroad":
      return relay("alias");
    case "gateway recipient":
      return relay("route");
    case "forward's return":
      return relay("return");
    case "foreign domain":
      return abroad(client);
    case "disabled mailbox":
      return refuse(550, "5.2.1", "mailbox disabled");
    case "unknown mailbox":
      return { kind: "refuse", status: NO_SUCH_MAILBOX };
    case "unknown mailbox, to be reported":
      return { kind: "report", status: NO_SUCH_MAILBOX };
    case "unknown mailbox, sender undecided":
      return refuse(
        451,
        "4.4.3",
        "no such mailbox here, and the DNS does not say whether its sender can be told; try again later",
      );
    case "role without mailbox":
      return refuse(451, "4.3.0", "no mailbox takes this mail at the moment");
    case "stale return":
      return refuse(550, "5.7.1", "relaying denied: this return address has expired");
    case "forged return":
      return refuse(550, "5.7.1", "relaying denied: this return address is not one of ours");
    case "address literal":
      return refuse(550, "5.7.1", "relaying denied: mail to an address literal is not taken");
    case "routing characters":
      return refuse(550, "5.7.1", "relaying denied: the local part names a route");
    case "source route":
      return refuse(550, "5.7.1", "relaying denied: source routes are not followed");
  }
}

/** The one row in which it matters who asks. */
function abroad(client: ClientClass): Decision {
  switch (client) {
    case "login":
      return relay("login");
    case "trusted network":
      return relay("network");
    case "peer":
      return relay("peer");
    case "public address":
    case "private address":
    case "loopback":
      return refuse(550, "5.7.1", "relaying denied: not a domain of this server");
  }
}

/** The whole table, row by row: for the proof, `gatepost check` and the documentation. */
export function enumerateDecisions(
  decideCell: typeof decide = decide,
): readonly { client: ClientClass; recipient: RecipientClass; decision: Decision }[] {
  return CLIENT_CLASSES.flatMap((client) =>
    RECIPIENT_CLASSES.map((recipient) => ({
      client,
      recipient,
      decision: decideCell(client, recipient),
    })),
  );
}

const DEPOSIT: Decision = { kind: "deposit" };
const KEEP: Decision = { kind: "keep" };

function relay(basis: GrantBasis): Decision {
  return { kind: "relay", basis };
}

function refuse(code: number, enhanced: string, text: string): Decision {
  return { kind: "refuse", status: status(code, enhanced, text, SOURCE) };
}

const SOURCE = "policy/relay";
export const NO_SUCH_MAILBOX = status(550, "5.1.1", "no such mailbox here", SOURCE);
