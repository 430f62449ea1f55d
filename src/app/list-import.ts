/** A file to be imported: read once, hashed while it is, and understood; or what is wrong with it, with file and line. */
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { basename } from "node:path";
import {
  IMPORT_ENTRIES,
  JsonLinesReader,
  rowsOfList,
  type ImportProblem,
  type ImportWanted,
  type ListingZone,
} from "../operate/listing/index.ts";
import { formatByName, ListParser, type ListFormat } from "../policy/lists/index.ts";
import { fileFault, OperatorError } from "../runtime/index.ts";

export type ImportFormat = ListFormat | "jsonl";

export type ReadImport =
  | ({ readonly kind: "read" } & Pick<ImportWanted, "file" | "sha256" | "read">)
  | { readonly kind: "bad"; readonly problems: readonly ImportProblem[]; readonly count: number };

const PIECE_OCTETS = 2 ** 18;

/** `format`: left out, what the file's name says; else what its lines look like. Throws an OperatorError where it cannot be read. */
export async function readImport(
  path: string,
  {
    format,
    zone,
    now,
    progress,
  }: {
    readonly format: ImportFormat | undefined;
    readonly zone: ListingZone;
    readonly now: number;
    readonly progress: (octets: number, of: number) => void;
  },
): Promise<ReadImport> {
  const wanted = format ?? (path.endsWith(".jsonl") ? "jsonl" : (formatByName(path) ?? "auto"));
  const json = wanted === "jsonl" ? new JsonLinesReader(zone, now) : undefined;
  const list = wanted === "jsonl" ? undefined : new ListParser(wanted, IMPORT_ENTRIES);
  const sha256 = await hashed(path, (octets) => (json ?? list)?.push(octets), progress);
  const file = basename(path);
  if (json !== undefined) {
    const { entries, problems, count } = json.end();
    if (count > 0) return { kind: "bad", problems, count };
    return { kind: "read", file, sha256, read: { kind: "entries", entries } };
  }
  const read = list && rowsOfList(list.end(), zone, now);
  if (read === undefined || "problems" in read)
    return { kind: "bad", problems: read?.problems ?? [], count: read?.count ?? 0 };
  return { kind: "read", file, sha256, read: { kind: "list", ...read } };
}

/** SHA-256 of all octets, each of which `take` is given. */
async function hashed(
  path: string,
  take: (octets: Uint8Array) => void,
  progress: (octets: number, of: number) => void,
): Promise<string> {
  try {
    const file = await open(path, "r");
    try {
      const { size } = await file.stat();
      const hash = createHash("sha256");
      let done = 0;
      for await (const chunk of file.createReadStream({
        highWaterMark: PIECE_OCTETS,
        autoClose: false,
      })) {
        // prettier-ignore
        const octets = chunk as Uint8Array; // a stream of octets has no encoding
        hash.update(octets);
        take(octets);
        done += octets.length;
        progress(done, size);
      }
      return hash.digest("hex");
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new OperatorError(`${path}: ${fileFault(error)}`, { cause: error });
  }
}

/** Of a sample. */
export function hashOfFile(path: string): Promise<string> {
  return hashed(path, () => {}, () => {}); // prettier-ignore
}
