/**
 * What has been answered, for as long as it may be believed. Bounded by size: what strangers make us ask for pushes
 * out what was used longest ago, and nothing else.
 */
import type { RecordType, Resolution } from "../protocol/dns/index.ts";
import type { Clock } from "../runtime/index.ts";

/** Seconds. Whoever wants no caching at all gets as much of it as one message with many recipients needs. */
const LEAST_SECONDS = 5;
const FOUND_SECONDS_LIMIT = 86_400;
/** RFC 2308 §5 */
const ABSENT_SECONDS_LIMIT = 3600;
/** RFC 9520 §3.2: at least one; few, because a failure may be over. */
const FAILURE_SECONDS = 5;

/** What an entry takes beside the octets in it, and a record in it, in octets: generous, names included. */
const ENTRY_OCTETS = 1024;
const RECORD_OCTETS = 512;

interface Entry {
  readonly resolution: Resolution<RecordType>;
  /** By the clock's `elapsed`. */
  readonly expiresAt: number;
  readonly octets: number;
}

export class ResolverCache {
  readonly #clock: Clock;
  readonly #octetsLimit: number;
  /** Used longest ago first. */
  readonly #entries = new Map<string, Entry>();
  #octets = 0;

  constructor(clock: Clock, octetsLimit: number) {
    this.#clock = clock;
    this.#octetsLimit = octetsLimit;
  }

  /** Octets of everything that is kept, by a generous count. */
  get octets(): number {
    return this.#octets;
  }

  /** With the seconds that are left of it, rounded down. */
  get(key: string): Resolution<RecordType> | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#drop(key, entry);
    const leftMs = entry.expiresAt - this.#clock.elapsed();
    if (leftMs <= 0) return undefined;
    this.#keep(key, entry);
    return withSeconds(entry.resolution, Math.floor(leftMs / 1000));
  }

  /** Keeps it, unless it is larger than everything may be; returns it with the seconds that it is kept. */
  set(key: string, said: Resolution<RecordType>): Resolution<RecordType> {
    const before = this.#entries.get(key);
    if (before !== undefined) this.#drop(key, before);
    const seconds = secondsKept(said);
    const resolution = withSeconds(said, seconds);
    const octets = weigh(resolution);
    if (octets > this.#octetsLimit) return resolution;
    const expiresAt = this.#clock.elapsed() + seconds * 1000;
    this.#keep(key, { resolution, expiresAt, octets });
    for (const [oldest, entry] of this.#entries) {
      if (this.#octets <= this.#octetsLimit) break;
      this.#drop(oldest, entry);
    }
    return resolution;
  }

  #keep(key: string, entry: Entry): void {
    this.#entries.set(key, entry);
    this.#octets += entry.octets;
  }

  #drop(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#octets -= entry.octets;
  }
}

function withSeconds(resolution: Resolution<RecordType>, ttl: number): Resolution<RecordType> {
  return resolution.kind === "failed" ? resolution : { ...resolution, ttl };
}

function secondsKept(resolution: Resolution<RecordType>): number {
  switch (resolution.kind) {
    case "found":
      return Math.min(Math.max(resolution.ttl, LEAST_SECONDS), FOUND_SECONDS_LIMIT);
    case "no-such-name":
    case "no-data":
      return Math.min(Math.max(resolution.ttl, LEAST_SECONDS), ABSENT_SECONDS_LIMIT);
    case "failed":
      return FAILURE_SECONDS;
  }
}

function weigh(resolution: Resolution<RecordType>): number {
  if (resolution.kind !== "found") return ENTRY_OCTETS;
  const records = resolution.records.map((record) => RECORD_OCTETS + octetsIn(record));
  return records.reduce((sum, octets) => sum + octets, ENTRY_OCTETS);
}

function octetsIn(record: unknown): number {
  if (record instanceof Uint8Array) return record.length;
  const data = typeof record === "object" && record !== null && "data" in record && record.data;
  return data instanceof Uint8Array ? data.length : 0;
}
