/**
 * A log in which each address has its share. Whatever a stranger does costs a line, and one who does it thousands of times a
 * second would fill the disk. Lines of normal business beyond the share are counted, and the count is written once a minute.
 */
import type { Fields, Log } from "./log.ts";

/** What shares are counted by, in milliseconds. */
const MINUTE_MS = 60_000;

/** Addresses counted in one minute; those that come after have a share in common. */
const ADDRESSES = 10_000;

const OTHERS = "others";

export class LogShares implements Log {
  readonly #log: Log;
  readonly #linesPerMinute: number;
  readonly #lines = new Map<string, number>();

  constructor(log: Log, linesPerMinute: number) {
    this.#log = log;
    this.#linesPerMinute = linesPerMinute;
    setInterval(() => this.#nextMinute(), MINUTE_MS).unref();
  }

  info(event: string, fields?: Fields): void {
    const ip = fields?.["ip"];
    if (typeof ip !== "string" || this.#hasShare(ip)) this.#log.info(event, fields);
  }

  warn(event: string, fields?: Fields): void {
    this.#log.warn(event, fields);
  }

  error(event: string, fields?: Fields): void {
    this.#log.error(event, fields);
  }

  flush(): void {
    this.#log.flush();
  }

  #hasShare(ip: string): boolean {
    const key = this.#lines.has(ip) || this.#lines.size < ADDRESSES ? ip : OTHERS;
    const lines = (this.#lines.get(key) ?? 0) + 1;
    this.#lines.set(key, lines);
    return lines <= this.#linesPerMinute;
  }

  #nextMinute(): void {
    for (const [ip, lines] of this.#lines)
      if (lines > this.#linesPerMinute)
        this.#log.warn("log lines left out", { ip, lines: lines - this.#linesPerMinute });
    this.#lines.clear();
  }
}
