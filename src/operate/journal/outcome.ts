/** What came of a session, in a few words. */
import { formatStatus, type FactEvent, type SessionFacts, type Status } from "../../mail/index.ts";

export function outcomeText(facts: SessionFacts): string {
  const words = [...accepted(facts.events), ...refused(facts.events), ...maildrop(facts.events)];
  return words.length > 0 ? words.join("; ") : (facts.ending ?? "nothing asked");
}

function accepted(events: readonly FactEvent[]): readonly string[] {
  const messages = events.filter((event) => event.kind === "message" && !refusalOf(event)).length;
  if (messages === 0) return [];
  return [messages === 1 ? "1 message accepted" : `${messages} messages accepted`];
}

/** The last refusal, which is the one that people ask about, and how many came before it. */
function refused(events: readonly FactEvent[]): readonly string[] {
  const refusals = events.map(refusalOf).filter((status) => status !== undefined);
  const last = refusals.at(-1);
  if (last === undefined) return [];
  const more = refusals.length === 1 ? "" : ` (and ${refusals.length - 1} before)`;
  return [`refused: ${formatStatus(last)}${more}`];
}

function maildrop(events: readonly FactEvent[]): readonly string[] {
  return events.flatMap((event) => {
    if (event.kind === "login" && event.result !== "ok") return [`login: ${event.result}`];
    if (event.kind !== "maildrop") return [];
    return [`${event.retrieved} fetched, ${event.deleted} deleted`];
  });
}

function refusalOf(event: FactEvent): Status | undefined {
  switch (event.kind) {
    case "sender":
    case "recipient":
    case "message": {
      const { action, status } = event.decision ?? {};
      return action === "refuse" || action === "defer" ? status : undefined;
    }
    case "refused":
      return event.status;
    case "login":
    case "origin":
    case "seal":
    case "maildrop":
      return undefined;
  }
}
