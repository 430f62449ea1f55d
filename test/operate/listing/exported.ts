/** For tests of formats: a zone's entries written in one, and read again by our own readers of lists. */
import assert from "node:assert/strict";
import {
  entriesOf,
  exportLines,
  factsOf,
  zoneDataset,
  type ExportFormat,
  type ListEntry,
  type ListingZone,
} from "../../../src/operate/listing/index.ts";
import { ListParser, ListReader, type Dataset, type FileAnswer, type ListFormat } from "../../../src/policy/lists/index.ts"; // prettier-ignore
import type { PublishedEntry } from "../../../src/store/index.ts";
import { parseIp } from "../../../src/mail/index.ts";
import { NOW } from "./site.ts";

/** As the store gives them. */
export function stored(entries: readonly ListEntry[], zone: string): readonly PublishedEntry[] {
  return entries
    .map((entry) => ({ ...factsOf(entry), zone, subject: entry.subject.text, change: 1 }))
    .toSorted((a, b) => (a.subject < b.subject ? -1 : 1));
}

function reads(all: readonly PublishedEntry[]) {
  return {
    revision: () => 1,
    entries: (_zone: string, { after = "", limit }: { after?: string; limit: number }) =>
      all.filter(({ subject }) => subject > after).slice(0, limit),
  };
}

export async function datasetOf(
  zone: ListingZone,
  all: readonly PublishedEntry[],
): Promise<Dataset> {
  const dataset = await zoneDataset(reads(all), zone, NOW);
  assert.ok(dataset !== undefined);
  return dataset;
}

export async function exported(
  format: ExportFormat,
  zone: ListingZone,
  entries: readonly ListEntry[],
  now = NOW,
): Promise<string> {
  const all = stored(entries, zone.zone);
  const lines = exportLines(format, {
    zone,
    serial: 7,
    now,
    entries: () => entriesOf(reads(all), zone.zone),
    dataset: () => datasetOf(zone, all),
  });
  return `${(await Array.fromAsync(lines)).join("\n")}\n`;
}

export function parsed(format: ListFormat, text: string) {
  const parser = new ListParser(format);
  parser.push(Buffer.from(text));
  const list = parser.end();
  assert.deepEqual([list.problems, list.refusal], [[], undefined]);
  return list;
}

export function readerOf(format: ListFormat, text: string): ListReader {
  const { snapshot } = parsed(format, text);
  assert.ok(snapshot !== undefined);
  return new ListReader(snapshot);
}

/** What a zone says by itself. */
export function zoneReader(dataset: Dataset): ListReader {
  return new ListReader({ datasets: [dataset], entries: 0, made: undefined, expires: undefined });
}

export function answer(reader: ListReader, who: string): FileAnswer | undefined {
  const ip = parseIp(who);
  return ip === undefined ? reader.name(who) : reader.address(ip);
}
