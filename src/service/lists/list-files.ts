/**
 * The lists of a site that are files: read at start, and again when they change. Promises: what is asked is always one whole file,
 * read without a fault; a new one that has a fault, or is gone, changes nothing and is told once, with the line and the reason;
 * reading takes no time from those who ask.
 */
import type { ListSnapshot, ListSubject, RawAnswer, Timer } from "../../policy/lists/index.ts";
import {
  WatchedFile,
  type ListFile,
  type ListFileState,
  type WatchedFileDeps,
} from "./watched-file.ts";

export interface ListFilesDeps extends WatchedFileDeps {
  readonly timer: Timer;
  /** Milliseconds between two looks, where it is not `LOOK_MS`. */
  readonly lookMs?: number;
}

export interface FileFault {
  readonly list: string;
  /** In words: where, and what was expected. */
  readonly problem: string;
}

/** Milliseconds between two looks. A file that is written in place is taken when it was the same at two of them. */
export const LOOK_MS = 10_000;

export class ListFiles {
  readonly #deps: ListFilesDeps;
  readonly #files = new Map<string, WatchedFile>();
  #stop: (() => void) | undefined;

  private constructor(deps: ListFilesDeps) {
    this.#deps = deps;
  }

  /** Reads all of them, one after the other; what `before` has read and has not changed since is not read again. Does not reject. */
  static async open(
    files: readonly ListFile[],
    deps: ListFilesDeps,
    before?: ListFiles,
  ): Promise<{ readonly files: ListFiles; readonly faults: readonly FileFault[] }> {
    const opened = new ListFiles(deps);
    const faults: FileFault[] = [];
    for (const file of files) {
      const watched = new WatchedFile(file, deps);
      const earlier = before === undefined ? undefined : before.#files.get(file.name);
      const problem = await watched.begin(earlier);
      if (problem !== undefined) faults.push({ list: file.name, problem });
      opened.#files.set(file.name, watched);
    }
    return { files: opened, faults };
  }

  /** By the name of the list. */
  find({ name }: { readonly name: string }, subject: ListSubject): RawAnswer {
    return this.#files.get(name)?.find(subject) ?? NOT_THERE;
  }

  /** What is used of a list's file now; of the same file it is the same object. */
  snapshot(name: string): ListSnapshot | undefined {
    return this.#files.get(name)?.snapshot;
  }

  states(): readonly ListFileState[] {
    return [...this.#files.values()].flatMap((file) => file.state() ?? []);
  }

  /** From now on they are looked at, until `close`. */
  watch(): void {
    if (this.#files.size > 0)
      this.#stop = this.#deps.timer.after(this.#deps.lookMs ?? LOOK_MS, () => void this.#again());
  }

  close(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  async #again(): Promise<void> {
    await this.look();
    if (this.#stop !== undefined) this.watch();
  }

  /** Does not reject. */
  async look(): Promise<void> {
    for (const file of this.#files.values()) await file.look();
  }
}

const NOT_THERE: RawAnswer = { kind: "failed", why: "unreachable" };
