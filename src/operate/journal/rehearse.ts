/** `gatepost rehearse`: the journal of the last hours or days under another configuration, as numbers, examples and people. */
import type { Journal } from "../../store/index.ts";
import type { PastStages } from "./judges.ts";
import { Rehearsing } from "./rehearsing.ts";
import type { Rehearsal, StaleFacts } from "./rehearsal.ts";
import { transactionsIn } from "./transactions.ts";
import { wantedAmong, type WantedSender } from "./wanted.ts";

export interface RehearsalDeps {
  readonly journal: Pick<Journal, "find" | "page">;
  /** Of the new configuration. */
  readonly stages: PastStages;
  readonly stale: StaleFacts;
}

export interface Rehearsed extends Rehearsal {
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly records: number;
  /** Of those newly refused. */
  readonly wanted: readonly WantedSender[];
}

const PAGE = 500;

/** `progress` hears how many records there were so far. */
export async function rehearse(
  { journal, stages, stale }: RehearsalDeps,
  since: number,
  progress: (records: number) => void = () => {},
): Promise<Rehearsed> {
  const rehearsing = new Rehearsing(stages, stale);
  let records = 0;
  let after: number | undefined;
  do {
    const page = await journal.page(since, PAGE, after);
    for (const record of page.records) rehearsing.add(transactionsIn(record), record.count);
    records += page.records.length;
    progress(records);
    after = page.next;
  } while (after !== undefined);
  const rehearsal = rehearsing.result();
  const wanted = await wantedAmong(rehearsal.refusedSenders, journal);
  return { ...rehearsal, since, records, wanted };
}
