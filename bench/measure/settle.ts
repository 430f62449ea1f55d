/** Waits until a server has nothing left to do, so that its after-work is in its own figures and in nobody else's. */
import { setTimeout } from "node:timers/promises";
import { cpuSeconds } from "./process-tree.ts";

/** Milliseconds without a tick of processor time that count as rest. */
const REST_MS = 300;
/** Milliseconds after which a server counts as one that never rests. */
const LIMIT_MS = 15_000;

/** Returns the processor seconds of the trees at rest. */
export async function atRest(...roots: readonly number[]): Promise<number> {
  const until = performance.now() + LIMIT_MS;
  for (let before = cpuSeconds(...roots); ;) {
    await setTimeout(REST_MS);
    const now = cpuSeconds(...roots);
    if (now === before || performance.now() > until) return now;
    before = now;
  }
}
