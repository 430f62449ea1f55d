/** Reads a list's file from the disk, in pieces, as it was at one moment: a file that changes meanwhile is not believed. */
import type { BigIntStats } from "node:fs";
import { open, stat, type FileHandle } from "node:fs/promises";
import { ListParser, type ListFormat, type ParsedList } from "../../policy/lists/index.ts";
import { fileFault, octetsText } from "../../runtime/index.ts";

export interface FileWanted {
  /** Absolute. */
  readonly path: string;
  readonly format: ListFormat | "auto";
}

export type FileReading =
  | { readonly kind: "read"; readonly stamp: string; readonly parsed: ParsedList }
  /** Nothing of it was read. `problem` in words for the operator. */
  | { readonly kind: "unreadable"; readonly problem: string };

/** Octets of a file. */
export const FILE_OCTETS_LIMIT = 2 ** 30;

const PIECE_OCTETS = 2 ** 18;

/** Of gzip (RFC 1952 §2.3.1). */
const GZIP = [0x1f, 0x8b];

/** Changes whenever the file is written, or another one put into its place; undefined where there is none. */
export async function fileStamp(path: string): Promise<string | undefined> {
  try {
    return stampOf(await stat(path, { bigint: true }));
  } catch {
    return undefined; // whoever then reads it says why
  }
}

/** Does not reject. */
export async function readListFile(wanted: FileWanted): Promise<FileReading> {
  try {
    // Opening a pipe would wait for its other end.
    const fault = placeFault(await stat(wanted.path, { bigint: true }));
    if (fault !== undefined) return { kind: "unreadable", problem: fault };
    const file = await open(wanted.path, "r");
    try {
      return await readOpen(file, wanted);
    } finally {
      await file.close();
    }
  } catch (error) {
    return { kind: "unreadable", problem: fileFault(error) };
  }
}

async function readOpen(file: FileHandle, { format }: FileWanted): Promise<FileReading> {
  const before = stampOf(await file.stat({ bigint: true }));
  const parser = new ListParser(format);
  const piece = new Uint8Array(PIECE_OCTETS);
  let octets = 0;
  for (;;) {
    const { bytesRead } = await file.read(piece, 0, PIECE_OCTETS);
    if (bytesRead === 0) break;
    if (octets === 0 && GZIP.every((octet, i) => piece[i] === octet))
      return { kind: "unreadable", problem: "it is compressed (gzip); expected plain text" };
    parser.push(piece.subarray(0, bytesRead));
    octets += bytesRead;
  }
  const parsed = parser.end();
  const after = await file.stat({ bigint: true });
  if (stampOf(after) !== before || after.size !== BigInt(octets))
    return { kind: "unreadable", problem: "it was written to while it was read" };
  return { kind: "read", stamp: before, parsed };
}

function stampOf({ dev, ino, size, mtimeNs }: BigIntStats): string {
  return `${dev} ${ino} ${size} ${mtimeNs}`;
}

function placeFault(found: BigIntStats): string | undefined {
  if (!found.isFile()) return "it is no file";
  if (found.size <= BigInt(FILE_OCTETS_LIMIT)) return undefined;
  return `it has ${octetsText(Number(found.size))}; expected at most ${octetsText(FILE_OCTETS_LIMIT)}`;
}
