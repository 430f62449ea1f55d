/** So many at once, so many waiting, in the order in which they came. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Turns } from "../../src/runtime/index.ts";

/** Jobs that end when they are told to. */
class Jobs {
  readonly started: number[] = [];
  readonly #ends = new Map<number, { resolve(value: number): void; reject(error: Error): void }>();

  job(id: number): () => Promise<number> {
    return () => {
      this.started.push(id);
      const { promise, ...end } = Promise.withResolvers<number>();
      this.#ends.set(id, end);
      return promise;
    };
  }

  get running(): number {
    return this.#ends.size;
  }

  /** Ends the job that has run longest, and lets what follows from it happen. */
  async endFirst(well: boolean): Promise<void> {
    const [id = -1] = this.#ends.keys();
    const end = this.#ends.get(id);
    this.#ends.delete(id);
    if (well) end?.resolve(id);
    else end?.reject(new Error("out of memory"));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("jobs start in their order, never more at once, and a failed one frees its place", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.nat(4),
      fc.array(fc.constantFrom("come", "end", "fail"), { maxLength: 30 }),
      async (atOnce, waiting, happenings) => {
        const queue = new Turns({ atOnce, waiting });
        const jobs = new Jobs();
        const outcomes: Promise<number | string>[] = [];
        let taken = 0;
        let ended = 0;
        for (const [id, happening] of happenings.entries()) {
          if (happening === "come") {
            const result = queue.run(jobs.job(id));
            assert.equal(result === undefined, taken - ended === atOnce + waiting);
            if (result === undefined) continue;
            taken++;
            outcomes.push(result.catch((error: unknown) => String(error)));
          } else if (jobs.running > 0) {
            await jobs.endFirst(happening === "end");
            ended++;
          }
          assert.equal(jobs.running, Math.min(atOnce, taken - ended));
        }
        assert.deepEqual(
          jobs.started,
          jobs.started.toSorted((a, b) => a - b),
        );
        while (jobs.running > 0) await jobs.endFirst(true);
        assert.equal((await Promise.all(outcomes)).length, taken);
      },
    ),
  );
});
