/** Holds what is in the store against the ledger. */
import { messageSession, type AttemptFacts } from "../../../src/mail/index.ts";
import type { QueueRow, Store } from "../../../src/store/index.ts";
import type { Ledger, Promised } from "./ledger.ts";

/** What the journal remembers: longer than a message lives. */
const JOURNAL_MS = 12 * 86_400_000;

/** A problem is a line in the ledger. */
export async function audit(store: Store, ledger: Ledger, now: number): Promise<void> {
  await ledger.check(await queued(store), (promised) => failedUntold(store, promised));
  await store.journal.prune(now - JOURNAL_MS, Number.MAX_SAFE_INTEGER);
}

async function queued({ queue }: Store): Promise<readonly QueueRow[]> {
  const found: QueueRow[] = [];
  for (let page = await queue.list({}, { limit: 500 }); ;) {
    found.push(...page.rows);
    if (page.next === undefined) return found;
    page = await queue.list({}, { limit: 500, after: page.next });
  }
}

/** The journal alone knows of a failure that nobody was told of: the log may have died with the server. */
async function failedUntold(
  { journal }: Store,
  { message, forwardPath }: Promised,
): Promise<boolean> {
  const session = messageSession(message);
  const records = await journal.find({ kind: "session", session });
  return records.some(({ json }) => {
    const { recipients = [] } = JSON.parse(json) as Partial<AttemptFacts>;
    return recipients.some(
      ({ address, end, report }) =>
        address === forwardPath && end.kind === "failed" && report?.due === false,
    );
  });
}
