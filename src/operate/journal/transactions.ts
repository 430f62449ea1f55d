/** A record as the mail transactions in it: who wrote, to whom, what was found out about the message, and what became of each. */
import type { FactEvent, IdentityLevel, SessionFacts } from "../../mail/index.ts";
import type { StoredRecord } from "../../store/index.ts";
import { readFacts } from "./session.ts";

type EventOf<Kind extends FactEvent["kind"]> = Extract<FactEvent, { readonly kind: Kind }>;

export type SenderEvent = EventOf<"sender">;
export type RecipientEvent = EventOf<"recipient">;
export type MessageEvent = EventOf<"message">;

export interface PastTransaction {
  readonly session: SessionFacts;
  readonly sender: SenderEvent;
  readonly recipients: readonly RecipientEvent[];
  readonly message?: MessageEvent;
  /** How well it was known who wrote, as far as it was found out. */
  readonly level: IdentityLevel;
}

/** In their order. None of a record that is no SMTP session's, or that a newer Gatepost wrote. */
export function transactionsIn({ json }: Pick<StoredRecord, "json">): readonly PastTransaction[] {
  const session = readFacts(json);
  if (session?.protocol !== "smtp") return [];
  const found: PastTransaction[] = [];
  for (const event of session.events) {
    if (event.kind === "sender") {
      found.push({
        session,
        sender: event,
        recipients: [],
        level: session.caller?.level ?? "none",
      });
      continue;
    }
    const last = found.pop();
    if (last !== undefined) found.push(withEvent(last, event));
  }
  return found;
}

function withEvent(transaction: PastTransaction, event: FactEvent): PastTransaction {
  switch (event.kind) {
    case "recipient":
      return { ...transaction, recipients: [...transaction.recipients, event] };
    case "origin":
      return { ...transaction, level: event.level };
    case "message":
      return { ...transaction, message: event };
    case "sender":
    case "seal":
    case "refused":
    case "login":
    case "maildrop":
      return transaction;
  }
}
