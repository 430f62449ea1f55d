/** A zone written to a file that is there whole or not at all, or to whoever takes its lines. */
import { open, rename, rm, type FileHandle } from "node:fs/promises";
import {
  entriesOf,
  exportLines,
  zoneDataset,
  type ExportFormat,
  type ExportJob,
  type ListingSite,
  type ListingZone,
} from "../operate/listing/index.ts";
import { errorText, OperatorError } from "../runtime/index.ts";
import type { PublishedEntry } from "../store/index.ts";

/** How often it is begun again while others change the zone. */
const TRIES = 20;

const PIECE_LINES = 1000;

/** In pieces of many lines each. `progress`: entries so far. */
export async function* exportedText(
  { published, now }: ListingSite,
  zone: ListingZone,
  format: ExportFormat,
  progress: (entries: number) => void,
): AsyncGenerator<string> {
  const at = now();
  const job: ExportJob = {
    zone,
    now: at,
    serial: Math.max(published.zone(zone.zone).serial, Math.floor(at / 1000)),
    entries: () => counted(entriesOf(published, zone.zone), at, progress),
    dataset: async () => {
      for (let tries = 1; tries <= TRIES; tries++) {
        const dataset = await zoneDataset(published, zone, at);
        if (dataset !== undefined) return dataset;
      }
      throw new OperatorError(`${zone.zone} is changed faster than it can be read; try again`);
    },
  };
  let lines: string[] = [];
  for await (const line of exportLines(format, job)) {
    lines.push(line);
    if (lines.length < PIECE_LINES) continue;
    yield `${lines.join("\n")}\n`;
    lines = [];
  }
  if (lines.length > 0) yield `${lines.join("\n")}\n`;
}

async function* counted(
  entries: AsyncIterable<PublishedEntry>,
  now: number,
  progress: (entries: number) => void,
): AsyncGenerator<PublishedEntry> {
  let done = 0;
  for await (const entry of entries) {
    progress(++done);
    if (entry.until > now) yield entry;
  }
}

/** Throws an OperatorError where it cannot be written; what was there then stays. */
export async function writeExport(path: string, pieces: AsyncIterable<string>): Promise<void> {
  const unfinished = `${path}.${process.pid}.new`;
  try {
    const file = await open(unfinished, "wx", 0o644);
    try {
      await written(file, pieces);
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(`${path}: ${writingFault(error)}`, { cause: error });
  }
}

/** The name of the unfinished file is nobody's business. */
function writingFault(error: unknown): string {
  const isThere = !(error instanceof Error && "code" in error && error.code === "ENOENT");
  return isThere ? errorText(error) : "there is no such directory";
}

async function written(file: FileHandle, pieces: AsyncIterable<string>): Promise<void> {
  for await (const piece of pieces) await file.write(piece);
  await file.sync();
}
