/** What a mailbox has sent, as one connection sees it. */
import type { MailboxId } from "../../mail/index.ts";
import { SENT_STEP_MS, type Sending, type SentStep } from "../index.ts";
import type { Connection } from "./connection.ts";
import { integer, text, type Row } from "./values.ts";

export class SqliteSending implements Sending {
  readonly #sent;

  constructor(connection: Connection) {
    this.#sent = connection.query(
      `SELECT until, network, messages, recipients, recipients_refused FROM sent
       WHERE mailbox = ? AND until > ? AND until <= ? ORDER BY until, network`,
    );
  }

  sent(mailbox: MailboxId, since: number, at: number): readonly SentStep[] {
    return this.#sent.rows(mailbox, since, at + SENT_STEP_MS).map(sentStep);
  }
}

function sentStep([until, network, messages, recipients, refused]: Row): SentStep {
  return {
    until: integer(until),
    network: text(network),
    messages: integer(messages),
    recipients: integer(recipients),
    recipientsRefused: integer(refused),
  };
}
