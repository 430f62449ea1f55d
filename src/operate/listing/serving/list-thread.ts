/** One thread of the list server, seen from the server: it is told what to serve, started again when it dies, and stopped. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { errorText, OperatorError, type Log } from "../../../runtime/index.ts";
import type { AnswerCounts } from "../answering/index.ts";
import type { FromThread, Opened, Serving, ThreadData, ToThread } from "./messages.ts";

/** The build turns .ts into .js but not inside a URL. */
const FILE = import.meta.url.endsWith(".js") ? "./thread.js" : "./thread.ts";

/** Node says on stderr of node:ffi (net/batch-calls.ts) that it is new; what is used of it is held fast by the version of Node that comes with the project. */
const EXEC_ARGV = ["--disable-warning=ExperimentalWarning"];

/** Milliseconds before a thread that died is started again: at first, and at most; each time twice as many, until one has lived as long. */
const RESTART_MS = 100;
const LONGEST_RESTART_MS = 60_000;

interface Waiting {
  readonly resolve: (opened: Opened | undefined) => void;
  readonly reject: (problem: Refusal) => void;
}

export interface ListThreadDeps {
  readonly log: Log;
  /** Told now and then what was answered since it was told before. */
  readonly count: (counts: AnswerCounts) => void;
  /** What the thread runs, where it is not thread.ts: for tests. */
  readonly program?: URL;
}

export class ListThread {
  readonly #program: URL;
  readonly #data: ThreadData;
  readonly #log: Log;
  readonly #count: (counts: AnswerCounts) => void;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker;
  #serving: Serving | undefined;
  #ids = 0;
  #restartMs = RESTART_MS;
  #restart: NodeJS.Timeout | undefined;
  #lives = true;
  #stopping = false;

  constructor(data: ThreadData, { log, count, program }: ListThreadDeps) {
    this.#program = program ?? new URL(FILE, import.meta.url);
    this.#data = data;
    this.#log = log;
    this.#count = count;
    this.#worker = this.#start();
  }

  /**
   * Resolves when the thread answers by it; with undefined where it has died: it will serve it when it is started again. Rejects with a Refusal
   * where a port cannot be opened; it then goes on with what it had.
   */
  async serve(serving: Serving): Promise<Opened | undefined> {
    const before = this.#serving;
    this.#serving = serving;
    try {
      return await this.#tell(serving);
    } catch (error) {
      this.#serving = before;
      throw error;
    }
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    if (!this.#lives) return;
    const ended = once(this.#worker, "exit");
    this.#post({ kind: "stop", graceMs });
    await ended;
  }

  async #tell(serving: Serving): Promise<Opened | undefined> {
    if (!this.#lives) return undefined;
    const id = ++this.#ids;
    const told = Promise.withResolvers<Opened | undefined>();
    this.#waiting.set(id, told);
    this.#post({ kind: "serve", id, serving });
    return told.promise;
  }

  #post(message: ToThread): void {
    this.#worker.postMessage(message, []);
  }

  #start(): Worker {
    const worker = new Worker(this.#program, { workerData: this.#data, execArgv: EXEC_ARGV });
    const startedAt = performance.now();
    let problem = "it ended";
    worker.on("message", (message: FromThread) => this.#hear(message)); // our own thread's
    worker.on("error", (error) => (problem = errorText(error)));
    worker.on("exit", () => this.#ended(problem, performance.now() - startedAt));
    return worker;
  }

  #hear(message: FromThread): void {
    switch (message.kind) {
      case "serving":
        return this.#take(message.id)?.resolve(message.opened);
      case "refused":
        return this.#take(message.id)?.reject(new Refusal(message.problem));
      case "counts":
        return this.#count(message.counts);
      case "log":
        return this.#log[message.level](message.event, message.fields);
    }
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  #ended(problem: string, livedMs: number): void {
    this.#lives = false;
    for (const { resolve } of this.#waiting.values()) resolve(undefined);
    this.#waiting.clear();
    if (this.#stopping) return;
    if (livedMs > LONGEST_RESTART_MS) this.#restartMs = RESTART_MS;
    this.#log.error("list server thread ended", {
      over: this.#data.over,
      problem,
      again: this.#restartMs,
      todo: "it is started again by itself; if it goes on dying, report it with this line",
    });
    this.#restart = setTimeout(() => this.#again(), this.#restartMs);
    this.#restartMs = Math.min(this.#restartMs * 2, LONGEST_RESTART_MS);
  }

  #again(): void {
    this.#worker = this.#start();
    this.#lives = true;
    if (this.#serving !== undefined) void this.#serveAgain(this.#serving);
  }

  /** Does not reject. */
  async #serveAgain(serving: Serving): Promise<void> {
    const { over } = this.#data;
    try {
      const opened = await this.#tell(serving);
      if (opened !== undefined) this.#log.info("list server thread started again", { over });
    } catch (error) {
      this.#log.error("list server thread serves nothing", {
        over,
        problem: errorText(error),
        todo: "mend what the problem says, and send SIGHUP",
      });
    }
  }
}

/** It cannot serve so, and goes on as before. */
export class Refusal extends OperatorError {
  override readonly name = "Refusal";
}
