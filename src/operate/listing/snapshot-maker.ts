/**
 * Makes snapshots of zones' entries on a thread of its own, which is begun when it is needed first. It keeps the entries there: a change costs
 * what has changed, and the walk over the rest. Promises: what is made has every change that was told before; where the thread breaks, whoever waits
 * is told, and it knows no zone any more.
 */
import { Worker } from "node:worker_threads";
import type { Dataset } from "../../policy/lists/files/index.ts";
import { errorText } from "../../runtime/index.ts";
import type { EntriesSnapshot, FromThread, ToThread } from "./snapshot-messages.ts";
import type { EntryChange, ZoneAnswer } from "./zone-entries.ts";

/** The build turns .ts into .js but not inside a URL. */
const FILE = import.meta.url.endsWith(".js") ? "./snapshot-thread.js" : "./snapshot-thread.ts";

interface Waiting {
  readonly resolve: (answer: FromThread) => void;
  readonly reject: (problem: Error) => void;
}

export class SnapshotMaker {
  #worker: Worker | undefined;
  readonly #zones = new Set<string>();
  readonly #waiting = new Map<number, Waiting>();
  #ids = 0;

  /** It has the zone's entries, as they were told. */
  knows(zone: string): boolean {
    return this.#zones.has(zone);
  }

  /** A zone without entries, whatever it knew before. */
  begin(zone: string, { code, text }: ZoneAnswer): void {
    this.#post({ kind: "begin", zone, answer: { code, text } });
    this.#zones.add(zone);
  }

  change(zone: string, changes: readonly EntryChange[]): void {
    if (changes.length > 0) this.#post({ kind: "change", zone, changes });
  }

  forget(zone: string): void {
    if (this.#zones.delete(zone)) this.#post({ kind: "forget", zone });
  }

  async make(zone: string): Promise<EntriesSnapshot> {
    const answer = await this.#ask((id) => ({ kind: "make", id, zone }));
    if (answer.kind === "made") return answer.snapshot;
    throw new Error("the thread answered something else than it was asked");
  }

  /** Of a dataset in memory that threads share. */
  async nonTerminals(dataset: Dataset): Promise<Uint32Array> {
    const answer = await this.#ask((id) => ({ kind: "non-terminals", id, dataset }));
    if (answer.kind === "non-terminals") return answer.row;
    throw new Error("the thread answered something else than it was asked");
  }

  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#ended("it was stopped");
    await worker?.terminate();
  }

  #ask(question: (id: number) => ToThread): Promise<FromThread> {
    const id = ++this.#ids;
    const answered = Promise.withResolvers<FromThread>();
    this.#waiting.set(id, answered);
    this.#post(question(id));
    return answered.promise;
  }

  #post(message: ToThread): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(message, []);
  }

  #start(): Worker {
    const worker = new Worker(new URL(FILE, import.meta.url));
    let problem = "it ended";
    worker.on("message", (answer: FromThread) => this.#hear(answer)); // our own thread's
    worker.on("error", (error) => (problem = errorText(error)));
    worker.on("exit", () => this.#worker === worker && this.#ended(problem));
    return worker;
  }

  #hear(answer: FromThread): void {
    this.#waiting.get(answer.id)?.resolve(answer);
    this.#waiting.delete(answer.id);
  }

  #ended(problem: string): void {
    this.#worker = undefined;
    this.#zones.clear();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting)
      reject(new Error(`the thread that makes snapshots of zones: ${problem}`));
  }
}
