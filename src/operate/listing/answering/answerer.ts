/**
 * Answers what the DNS asks about published zones: one packet in, one packet out. Pure: zones, rules, clients and times are handed in.
 */
import type { Ip } from "../../../mail/index.ts";
import type { AnswerCounts } from "./counts.ts";
import type { AnswerRules } from "./rules.ts";
import type { PublishedZone } from "./zone.ts";

/** What serves zones. */
export interface ZoneAnswerer {
  /** Reused: good until the next answer. */
  readonly out: Uint8Array;
  /**
   * The answer stands in `out` from 0. Its octets; 0: silence. `client`: in canonical form; `now`: milliseconds since 1970. Never throws,
   * whatever the query is.
   */
  answer(query: Uint8Array, client: Ip, over: "udp" | "tcp", now: number): number;
  /** A zone asked for whole, over TCP, by who may have it: its messages, each of at most 16 KiB. Undefined: `answer` is to be asked. */
  transfer(query: Uint8Array, client: Ip, now: number): Iterable<Uint8Array> | undefined;
  /** All zones, from now on. */
  replace(zones: readonly PublishedZone[]): void;
  /** What was answered since they were taken before. */
  takeCounts(): AnswerCounts;
}

export type MakeAnswerer = (zones: readonly PublishedZone[], rules: AnswerRules) => ZoneAnswerer;
