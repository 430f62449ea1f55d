/** One list's file, as it is used now: the last one that had no fault. */
import {
  faultOf,
  fileAnswer,
  letGoOf,
  ListReader,
  type ListFormat,
  type ListSnapshot,
  type ListSubject,
  type ParsedList,
  type RawAnswer,
  type WantedList,
} from "../../policy/lists/index.ts";
import type { Clock, Log } from "../../runtime/index.ts";
import { fileStamp, type FileReading, type FileWanted } from "./read-file.ts";

export interface ListFile extends WantedList {
  /** The list's. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly format: ListFormat | "auto";
}

export interface WatchedFileDeps {
  read(wanted: FileWanted): Promise<FileReading>;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
}

/** A file as it is used now. */
export interface ListFileState {
  readonly list: string;
  readonly path: string;
  readonly format: ListFormat;
  readonly entries: number;
  /** By the file's own words, milliseconds since 1970. */
  readonly made?: number;
  readonly expires?: number;
  /** A newer file is there and cannot be used. */
  readonly problem?: string;
}

const NOTHING_READ: RawAnswer = { kind: "failed", why: "unreachable" };

/** rbldnsd refuses to serve what has expired too (rbldnsd(8), $TIMESTAMP). */
const EXPIRED: RawAnswer = { kind: "failed", why: "refused" };

const GONE = "gone";

export class WatchedFile {
  readonly #file: ListFile;
  readonly #deps: WatchedFileDeps;
  #parsed: ParsedList | undefined;
  #reader: ListReader | undefined;
  /** Of the file at the last look. */
  #seen = GONE;
  /** Of the file that was read last, whether it was taken or not. */
  #judged = GONE;
  #problem: string | undefined;
  #expiryTold = false;

  constructor(file: ListFile, deps: WatchedFileDeps) {
    this.#file = file;
    this.#deps = deps;
  }

  /** The problem where there is nothing to use: neither the file nor what was read of it earlier. */
  async begin(earlier: WatchedFile | undefined): Promise<string | undefined> {
    this.#seen = (await fileStamp(this.#file.path)) ?? GONE;
    const known = earlier?.readOf(this.#file);
    if (known?.stamp === this.#seen) {
      this.#judged = this.#seen;
      return this.#judge(known.parsed);
    }
    const problem = await this.#read();
    if (problem === undefined || known === undefined) return problem;
    const fault = this.#judge(known.parsed);
    if (fault !== undefined) return fault;
    this.#tellFault(problem);
    return undefined;
  }

  /** What is used of this file; the stamp is undefined where the file has become another since. */
  readOf({
    path,
    format,
  }: ListFile): { parsed: ParsedList; stamp: string | undefined } | undefined {
    const same = this.#file.path === path && this.#file.format === format;
    if (!same || this.#parsed === undefined) return undefined;
    const stamp = this.#problem === undefined ? this.#judged : undefined;
    return { parsed: this.#parsed, stamp };
  }

  find(subject: ListSubject): RawAnswer {
    if (this.#reader === undefined) return NOTHING_READ;
    return this.#hasExpired() ? EXPIRED : fileAnswer(this.#reader, subject);
  }

  /** Also of one that has expired. */
  get snapshot(): ListSnapshot | undefined {
    return this.#parsed?.snapshot;
  }

  state(): ListFileState | undefined {
    const { snapshot } = this;
    if (this.#parsed === undefined || snapshot === undefined) return undefined;
    const { made, expires, entries } = snapshot;
    return {
      list: this.#file.name,
      path: this.#file.path,
      format: this.#parsed.format,
      entries,
      ...(made !== undefined && { made }),
      ...(expires !== undefined && { expires }),
      ...(this.#problem !== undefined && { problem: this.#problem }),
    };
  }

  async look(): Promise<void> {
    this.#tellExpiry();
    const stamp = (await fileStamp(this.#file.path)) ?? GONE;
    const settled = stamp === this.#seen;
    this.#seen = stamp;
    if (!settled || stamp === this.#judged) return;
    this.#judged = stamp;
    const problem = await this.#read();
    if (problem === undefined) this.#deps.log.info("list file read", { ...this.state() });
    else this.#tellFault(problem);
  }

  #tellFault(problem: string): void {
    this.#problem = problem;
    this.#deps.log.error("list file not taken", {
      list: this.#file.name,
      file: this.#file.path,
      problem,
      todo: "mend the file or put a better one in its place; until then the list is as it was before",
    });
  }

  async #read(): Promise<string | undefined> {
    const { path, format } = this.#file;
    const reading = await this.#deps.read({ path, format });
    if (reading.kind === "unreadable") return (this.#problem = reading.problem);
    this.#judged = reading.stamp;
    return this.#judge(reading.parsed);
  }

  /** Takes it, or leaves what there was and says why. */
  #judge(parsed: ParsedList): string | undefined {
    const { snapshot } = parsed;
    this.#problem = faultOf(parsed, this.#file);
    if (snapshot === undefined || this.#problem !== undefined) return this.#problem;
    letGoOf(this.#parsed?.snapshot?.datasets ?? []);
    this.#parsed = parsed;
    this.#reader = new ListReader(snapshot, this.#file.subzone);
    this.#expiryTold = false;
    return undefined;
  }

  #hasExpired(): boolean {
    const expires = this.#parsed?.snapshot?.expires;
    return expires !== undefined && this.#deps.clock.now() >= expires;
  }

  #tellExpiry(): void {
    if (this.#expiryTold || !this.#hasExpired()) return;
    this.#expiryTold = true;
    this.#deps.log.error("list file has expired", {
      list: this.#file.name,
      file: this.#file.path,
      todo: "put a newer one in its place; until then the list says nothing",
    });
  }
}
