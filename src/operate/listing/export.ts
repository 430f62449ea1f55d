/** A zone's entries in the formats that others read. Lines come as they are made; what a format cannot say is counted, and said. */
import { bindLines } from "./export-bind.ts";
import { EXPORT_FORMATS, type ExportFormat, type ExportJob } from "./export-job.ts";
import { cidrLines, dropLines } from "./export-plain.ts";
import { namesLines, setLines, trieLines, zoneHead, type TrieFamilies } from "./export-rbldnsd.ts";
import { keptEntry } from "./entry.ts";
import { entryJson } from "./json-lines.ts";
import type { ZoneKind } from "./subject.ts";

const OF_NAMES: ReadonlySet<ExportFormat> = new Set(["dnset", "combined", "jsonl", "bind"]);
const OF_ADDRESSES: ReadonlySet<ExportFormat> = new Set(EXPORT_FORMATS.filter((format) => format !== "dnset")); // prettier-ignore

/** Why a zone of this kind cannot be written so; undefined where it can. */
export function formatProblem(format: ExportFormat, kind: ZoneKind): string | undefined {
  const fitting = kind === "names" ? OF_NAMES : OF_ADDRESSES;
  if (fitting.has(format)) return undefined;
  return `${format} has no ${kind}; expected one of ${[...fitting].join(", ")}`;
}

/** Families of addresses that the format leaves out. */
export function leftOut(format: ExportFormat): "v4" | "v6" | undefined {
  if (format === "ip4set" || format === "ip4trie") return "v6";
  return format === "ip6trie" ? "v4" : undefined;
}

export function exportLines(format: ExportFormat, job: ExportJob): AsyncIterable<string> {
  switch (format) {
    case "ip4set":
      return headed(job, setLines(job));
    case "ip4trie":
      return headed(job, trieLines(job, "v4"));
    case "ip6trie":
      return headed(job, trieLines(job, "v6"));
    case "dnset":
      return headed(job, namesLines(job));
    case "combined":
      return headed(job, combinedLines(job));
    case "cidr":
      return cidrLines(job);
    case "drop":
      return dropLines(job);
    case "jsonl":
      return jsonLines(job);
    case "bind":
      return bindLines(job);
  }
}

async function* headed(job: ExportJob, lines: AsyncIterable<string>): AsyncGenerator<string> {
  yield* zoneHead(job);
  yield* lines;
}

async function* combinedLines(job: ExportJob): AsyncGenerator<string> {
  if (job.zone.kind === "names") {
    yield "$DATASET dnset @";
    yield* namesLines(job);
    return;
  }
  for (const family of ["v4", "v6"] satisfies TrieFamilies[]) {
    yield `$DATASET ${family === "v4" ? "ip4trie" : "ip6trie"} @`;
    yield* trieLines(job, family);
  }
}

async function* jsonLines({ zone, entries }: ExportJob): AsyncGenerator<string> {
  for await (const entry of entries()) yield JSON.stringify(entryJson(keptEntry(entry), zone));
}
