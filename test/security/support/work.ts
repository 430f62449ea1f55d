/**
 * Counts work instead of timing it: how often each stretch of src/ was executed, by the engine's own block counters. The
 * same work gives the same number on every machine. Only modules that are loaded after `begin` are counted, so
 * whoever uses this imports them then.
 */
import { Session, type Profiler } from "node:inspector";

export class Work {
  readonly #session = new Session();

  static begin(): Work {
    const work = new Work();
    work.#session.connect();
    work.#session.post("Profiler.enable");
    work.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
    return work;
  }

  /** Stretches executed while it acts. */
  async of(act: () => Promise<unknown>): Promise<number> {
    this.#take();
    await act();
    return this.#take();
  }

  end(): void {
    this.#session.post("Profiler.stopPreciseCoverage");
    this.#session.disconnect();
  }

  /** All since the last time. */
  #take(): number {
    let sum = 0;
    this.#session.post("Profiler.takePreciseCoverage", (error, coverage) => {
      if (error !== null) throw error;
      for (const script of coverage.result) if (script.url.includes("/src/")) sum += total(script);
    });
    return sum;
  }
}

function total({ functions }: Profiler.ScriptCoverage): number {
  const ranges = functions.flatMap((one) => one.ranges);
  return ranges.reduce((sum, { count }) => sum + count, 0);
}
