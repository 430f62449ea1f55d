/**
 * Who may send where: one total function over two closed lists, with no default and no configuration. Mail for a
 * foreign domain leaves only with a RelayGrant. Nobody can earn one yet, so no cell of this table relays,
 * from whatever address: there are no trusted networks, loopback is a stranger like any other.
 */
import { ipReach, status, type Ip, type RelayGrant, type Status } from "../../mail/index.ts";
import { RECIPIENT_CLASSES, type RecipientClass } from "../routing/index.ts";

export const CLIENT_CLASSES = ["public address", "private address", "loopback"] as const;

export type ClientClass = (typeof CLIENT_CLASSES)[number];

export type Decision =
  | { readonly kind: "deposit" }
  | { readonly kind: "relay"; readonly grant: RelayGrant }
  | { readonly kind: "refuse"; readonly status: Status };

export function clientClass(ip: Ip): ClientClass {
  switch (ipReach(ip)) {
    case "public":
      return "public address";
    case "private":
      return "private address";
    case "loopback":
      return "loopback";
  }
}

/** The class of the client is an argument although no cell depends on it: that is what the table shows. */
export function decide(_client: ClientClass, recipient: RecipientClass): Decision {
  switch (recipient) {
    case "mailbox":
    case "alias":
    case "role":
    case "catch-all":
      return DEPOSIT;
    case "disabled mailbox":
      return refuse(550, "5.2.1", "mailbox disabled");
    case "unknown mailbox":
      return refuse(550, "5.1.1", "no such mailbox here");
    case "role without mailbox":
      return refuse(451, "4.3.0", "no mailbox takes this mail at the moment");
    case "foreign domain":
      return refuse(550, "5.7.1", "relaying denied: not a domain of this server");
    case "address literal":
      return refuse(550, "5.7.1", "relaying denied: mail to an address literal is not taken");
    case "routing characters":
      return refuse(550, "5.7.1", "relaying denied: the local part names a route");
    case "source route":
      return refuse(550, "5.7.1", "relaying denied: source routes are not followed");
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

function refuse(code: number, enhanced: string, text: string): Decision {
  return { kind: "refuse", status: status(code, enhanced, text, "policy/relay") };
}
