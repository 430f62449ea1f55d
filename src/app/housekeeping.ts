/**
 * What has to be done now and then: journal, reports, greylist, relay tests, the record of list changes, reported hosts and the counts of
 * questions about lists forget what is older or larger than their settings allow; entries of published lists end.
 */
import type { Config } from "../config/index.ts";
import { errorText, type Clock, type Log } from "../runtime/index.ts";
import type { Store } from "../store/index.ts";

/** How far the journal may outgrow its size: as far as it grows in this time. */
const INTERVAL_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Later than every hour. */
const ALL_TIME = Number.MAX_SAFE_INTEGER;
const MEBIBYTE = 1_048_576;

/** Reports that are kept, of all hosts: a trap that botnets know brings thousands a day. Each has the head of its sample, 8 KiB at most. */
const SUSPECT_REPORTS_KEPT = 100_000;

export class Housekeeping {
  readonly #timer: NodeJS.Timeout;

  constructor(
    store: Pick<
      Store,
      | "journal"
      | "tlsReports"
      | "tlsResults"
      | "identityCounts"
      | "reportCounts"
      | "greylist"
      | "relayTests"
      | "published"
      | "suspects"
      | "listQuestions"
    >,
    settings: () => Pick<Config, "journal" | "reports" | "greylist" | "tester" | "listing">,
    clock: Clock,
    log: Log,
  ) {
    const { journal, tlsReports, tlsResults, identityCounts, reportCounts, greylist } = store;
    const { relayTests, published, suspects, listQuestions } = store;
    const steadyNow = steady(clock);
    const prune = async (): Promise<void> => {
      const { days, mebibytes } = settings().journal;
      await journal.prune(steadyNow() - days * DAY_MS, mebibytes * MEBIBYTE);
    };
    const pruneReports = async (): Promise<void> => {
      const { days, mebibytes } = settings().reports;
      const before = steadyNow() - days * DAY_MS;
      await tlsReports.prune(before, mebibytes * MEBIBYTE);
      await tlsResults.prune(Math.floor(before / DAY_MS));
      await identityCounts.prune(Math.floor(before / DAY_MS));
      await reportCounts.prune(Math.floor(before / DAY_MS));
    };
    const pruneGreylist = async (): Promise<void> => {
      const { retry_hours, passed_days, attempts, networks } = settings().greylist;
      const attemptsSince = steadyNow() - retry_hours * HOUR_MS;
      const networksSince = steadyNow() - passed_days * DAY_MS;
      await greylist.prune({ attemptsSince, networksSince, attempts, networks });
    };
    const pruneTests = (): Promise<void> =>
      relayTests.prune(steadyNow() - settings().tester.days * DAY_MS);
    const endEntries = (): Promise<void> => published.expire(steadyNow());
    const pruneListLog = async (): Promise<void> => {
      const before = steadyNow() - settings().listing.log_days * DAY_MS;
      await published.prune(before);
      await suspects.prune(before, SUSPECT_REPORTS_KEPT);
    };
    const pruneListQuestions = (): Promise<void> => {
      const { question_days, question_networks } = settings().listing;
      const hour = Math.floor((steadyNow() - question_days * DAY_MS) / HOUR_MS);
      return listQuestions.prune(hour, question_networks === 0 ? ALL_TIME : hour);
    };
    const done = (work: () => Promise<void>, failure: string): void => {
      work().catch((error: unknown) => log.error(failure, { problem: errorText(error) }));
    };
    this.#timer = setInterval(() => {
      done(prune, "journal not pruned");
      done(pruneReports, "reports not pruned");
      done(pruneGreylist, "greylist not pruned");
      done(pruneTests, "relay tests not pruned");
      done(endEntries, "list entries not ended");
      done(pruneListLog, "record of list changes not pruned");
      done(pruneListQuestions, "counts of questions about lists not pruned");
    }, INTERVAL_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** The time by which things grow old, in whole milliseconds: a wall clock that jumps ahead makes nothing old at once. */
function steady(clock: Clock): () => number {
  const startedAt = clock.now() - clock.elapsed();
  return () => Math.floor(Math.min(clock.now(), startedAt + clock.elapsed()));
}
