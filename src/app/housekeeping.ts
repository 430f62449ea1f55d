/** What has to be done now and then: the journal forgets what is older or larger than its settings allow. */
import type { Config } from "../config/index.ts";
import { errorText, type Clock, type Log } from "../runtime/index.ts";
import type { Journal } from "../store/index.ts";

/** How far the journal may outgrow its size: as far as it grows in this time. */
const INTERVAL_MS = 60_000;
const DAY_MS = 86_400_000;
const MEBIBYTE = 1_048_576;

export class Housekeeping {
  readonly #timer: NodeJS.Timeout;

  constructor(journal: Journal, settings: () => Config["journal"], clock: Clock, log: Log) {
    const steadyNow = steady(clock);
    const prune = async (): Promise<void> => {
      const { days, mebibytes } = settings();
      try {
        await journal.prune(steadyNow() - days * DAY_MS, mebibytes * MEBIBYTE);
      } catch (error) {
        log.error("journal not pruned", { problem: errorText(error) });
      }
    };
    this.#timer = setInterval(() => void prune(), INTERVAL_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** The time by which things grow old: a wall clock that jumps ahead makes nothing old at once. */
function steady(clock: Clock): () => number {
  const startedAt = clock.now() - clock.elapsed();
  return () => Math.min(clock.now(), startedAt + clock.elapsed());
}
