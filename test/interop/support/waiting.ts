/** Waits for what other programs do in their own time. */
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";

/** Milliseconds: far more than it takes, for a machine that is busy with other suites. */
const PATIENCE = 60_000;

/** What is there at last; `said` is shown when it is not. */
export async function eventually<T>(
  find: () => T | undefined | Promise<T | undefined>,
  said: () => string,
): Promise<T> {
  const until = performance.now() + PATIENCE;
  for (;;) {
    const found = await find();
    if (found !== undefined) return found;
    assert.ok(performance.now() < until, said());
    await setTimeout(100);
  }
}
