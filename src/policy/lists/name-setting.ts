/**
 * What a `[[lists]]` entry is called: in replies, logs and the journal, where what several lists say stands in one line. So a name has
 * nothing in it that separates them.
 */
import { basename } from "node:path";
import { z } from "zod";
import { printable } from "../../mail/index.ts";
import type { DnsList, FileList } from "./list.ts";

const NAME_LIMIT = 40;

const EXPECTED = "printable ASCII without quotes, commas, colons and semicolons";

export const nameSchema = z
  .string()
  .min(1)
  .max(NAME_LIMIT)
  .refine((text) => printable(text) === text && isName(text), `expected ${EXPECTED}`)
  .optional()
  .describe("shown in replies; left out: the preset's, the zone without its key, the file's");

/** Of one that has no other: its zone's, or its file's. */
export function nameOf(
  source: Pick<DnsList, "source" | "shownZone"> | Pick<FileList, "source" | "file">,
  problem: (key: "name", message: string) => void,
): string | undefined {
  const shown = source.source === "zone" ? source.shownZone : basename(source.file);
  if (isName(shown)) return printable(shown).slice(0, NAME_LIMIT);
  problem(
    "name",
    `the ${source.source}'s name is no name of a list; expected name = "…": ${EXPECTED}`,
  );
  return undefined;
}

function isName(text: string): boolean {
  return !/[",:;]/.test(text);
}
