/** What a `[[lists]]` entry says of a file. */
import { z } from "zod";
import { parseName } from "../../protocol/dns/index.ts";
import { formatByName, LIST_FORMATS } from "./files/index.ts";
import type { FileList } from "./list.ts";

export const FILE_SETTINGS = {
  file: z.string().min(1).optional().describe("a file of this machine, read again when it changes"),
  format: z
    .enum(["auto", ...LIST_FORMATS])
    .optional()
    .describe("of the file; left out: its extension where that is one, else as its lines tell"),
  subzone: z
    .string()
    .optional()
    .describe("of a combined file the part that is meant; left out: that of the list itself (@)"),
};

export type FileSource = Pick<FileList, "source" | "file" | "format" | "subzone">;

interface WrittenFile {
  readonly format?: FileList["format"] | undefined;
  readonly subzone?: string | undefined;
}

type Problem = (key: "format" | "subzone", message: string) => void;

export function fileSource(
  file: string,
  { format = formatByName(file) ?? "auto", subzone = "" }: WrittenFile,
  problem: Problem,
): FileSource | undefined {
  const name = subzone === "" ? "" : parseName(subzone);
  if (name !== undefined && name !== ".") return { source: "file", file, format, subzone: name };
  problem("subzone", "expected a name, such as relays");
  return undefined;
}

/** Of a list that is no file. */
export function checkNoFile(written: WrittenFile, problem: Problem): void {
  for (const key of ["format", "subzone"] as const)
    if (written[key] !== undefined) problem(key, "this is said of a file, and there is none");
}
