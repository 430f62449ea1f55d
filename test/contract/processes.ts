/** Starts a child process on a store, listens to what it says, and kills it. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import type { Action } from "./actions.ts";
import type { Site } from "./site.ts";

const CHILD = fileURLToPath(new URL("./child.ts", import.meta.url));

export class Child {
  /** Lines said so far. */
  readonly said: string[] = [];
  readonly #process: ChildProcess;
  readonly #exit: Promise<unknown>;
  #waiting: () => void = () => {};

  constructor(t: TestContext, { engine, location }: Site, action: Action) {
    const spawned = spawn(process.execPath, [CHILD, engine.name, location, action], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#process = spawned;
    this.#exit = once(spawned, "close");
    createInterface({ input: spawned.stdout }).on("line", (line) => {
      this.said.push(line);
      this.#waiting();
    });
    spawned.on("close", () => this.#waiting());
    t.after(() => this.kill());
  }

  get pid(): number {
    const { pid } = this.#process;
    assert.ok(pid !== undefined);
    return pid;
  }

  /** Resolves when it has said so many lines. */
  async lines(count: number): Promise<void> {
    while (this.said.length < count) {
      assert.equal(this.#process.exitCode, null, "the child ended too early");
      await new Promise<void>((resolve) => (this.#waiting = resolve));
    }
  }

  /** Ends without any chance to tidy up. Harmless when it is dead already. */
  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#exit;
  }

  /** Waits for its own end. */
  async ended(): Promise<void> {
    await this.#exit;
    assert.equal(this.#process.exitCode, 0);
  }
}
