/** What is to be written of a zone, and the formats in which it can be. */
import type { Dataset } from "../../policy/lists/files/index.ts";
import type { PublishedEntry } from "../../store/index.ts";
import type { ListingZone } from "./settings.ts";

export const EXPORT_FORMATS = [
  "ip4set",
  "ip4trie",
  "ip6trie",
  "dnset",
  "combined",
  "cidr",
  "drop",
  "jsonl",
  "bind",
] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportJob {
  readonly zone: ListingZone;
  readonly serial: number;
  readonly now: number;
  /** Those that are not over, in the order of their subjects. */
  readonly entries: () => AsyncIterable<PublishedEntry>;
  /** What the zone serves of them. */
  readonly dataset: () => Promise<Dataset>;
}
