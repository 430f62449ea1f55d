/** Rows come into the queue and leave it; their destinations and their message are told. */
import type { MessageId } from "../../mail/index.ts";
import { StoreError, type Departure, type DepartingRecipient, type QueueId } from "../index.ts";
import type { Connection } from "./connection.ts";
import { Destinations } from "./destinations.ts";
import { Holders } from "./holders.ts";

export interface DepartingMessage {
  /** The message's number. */
  readonly id: number;
  readonly name: MessageId;
  /** Of head and content. */
  readonly octets: number;
}

/** What must be known of a row to take it away. */
export interface KnownRow {
  readonly id: QueueId;
  readonly message: number;
  readonly destination: string;
}

export class QueueRows {
  readonly #destinations;
  readonly #holders;
  readonly #insert;
  readonly #delete;

  constructor(connection: Connection) {
    this.#destinations = new Destinations(connection);
    this.#holders = new Holders(connection);
    this.#insert = connection.query(
      `INSERT INTO queue (message, name, octets, kept_octets, reverse_path, forward_path, domain, grant_basis,
         grant_holder, destination, login, tell, parameters, accepted_at, due_at,
         settled, evidence)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#delete = connection.query("DELETE FROM queue WHERE id = ?");
  }

  /** The message counts them among its holders already. */
  add(message: DepartingMessage, departure: Departure): void {
    if (departure.recipients.length === 0) throw new StoreError("a departure without recipients");
    for (const recipient of departure.recipients) {
      this.#destinations.add(recipient.destination, recipient.dueAt);
      this.#insertRow(message, departure, recipient);
    }
  }

  /** A row has come to its end. */
  remove({ id, message, destination }: KnownRow): void {
    this.#delete.run(id);
    this.#destinations.less(destination);
    this.#holders.release(message);
  }

  #insertRow(message: DepartingMessage, departure: Departure, recipient: DepartingRecipient): void {
    const leaving = "settled" in recipient ? undefined : recipient;
    const settled = "settled" in recipient ? recipient.settled : undefined;
    const grant = leaving?.grant;
    this.#insert.run(
      message.id,
      message.name,
      message.octets - departure.keptOctets,
      departure.keptOctets,
      leaving?.reversePath ?? departure.reversePath,
      recipient.forwardPath,
      grant?.domain ?? (settled && domainOf(recipient.forwardPath)) ?? null, // a caller without types: the table says no
      grant?.basis ?? null,
      grant?.holder ?? null,
      recipient.destination,
      departure.login ?? null,
      departure.tell,
      parametersText(departure, recipient),
      departure.acceptedAt,
      recipient.dueAt,
      settled === undefined ? null : JSON.stringify(settled),
      departure.evidence === undefined ? null : JSON.stringify(departure.evidence),
    );
  }
}

/** Of a path in wire form. */
export function domainOf(forwardPath: string): string {
  return forwardPath.slice(forwardPath.lastIndexOf("@") + 1);
}

/** JSON leaves out what is undefined. */
function parametersText(
  { body, smtputf8, requireTls, ret, envid }: Departure,
  { notify, orcpt }: DepartingRecipient,
): string {
  return JSON.stringify({ body, smtputf8, requireTls, ret, envid, notify, orcpt });
}
