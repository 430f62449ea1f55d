/**
 * Runs a batch: all of its operations in one transaction and one flush. When one of them fails, the whole is
 * undone and each runs again in a transaction of its own, so that only the bad one fails. When the database
 * cannot even be locked it is nobody's fault, and all of them fail at once instead of waiting one by one.
 */
import { isBusy, wordsOf, type Connection } from "./connection.ts";
import type { Outcome } from "./operations.ts";
import type { Task, Tasks } from "./tasks.ts";

export class Batches {
  readonly #connection: Connection;
  readonly #tasks: Tasks;

  constructor(connection: Connection, tasks: Tasks) {
    this.#connection = connection;
    this.#tasks = tasks;
  }

  /** The outcomes of the tasks, in their order. */
  run(tasks: readonly Task[]): readonly Outcome[] {
    try {
      return this.#together(tasks);
    } catch (error) {
      const alone = tasks.length === 1 || isBusy(error);
      return alone ? tasks.map(() => failed(error)) : tasks.flatMap((task) => this.run([task]));
    }
  }

  #together(tasks: readonly Task[]): readonly Outcome[] {
    try {
      return this.#connection.transaction(() => {
        const outcomes = tasks.map((task): Outcome => ({
          kind: "result",
          result: this.#tasks.perform(task),
        }));
        this.#tasks.beforeCommit();
        return outcomes;
      });
    } catch (error) {
      this.#tasks.afterRollback();
      throw error;
    }
  }
}

function failed(error: unknown): Outcome {
  return { kind: "failed", words: wordsOf(error) };
}
