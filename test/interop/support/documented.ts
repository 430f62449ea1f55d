/** Settings for programs of other makers as docs/publishing.md prints them: what is tried is what is told. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const PAGE = new URL("../../../docs/publishing.md", import.meta.url);
const SECTION = "\n## Asked by\n";

/** The block whose first line is this comment, without it. */
export function documented(comment: string): string {
  const text = readFileSync(PAGE, "utf8").split(SECTION)[1] ?? assert.fail("no such section");
  const blocks = [...(text.split("\n## ")[0] ?? "").matchAll(/^```\w*\n([^]*?)^```$/gm)];
  const begin = `# ${comment}\n`;
  const block = blocks.map(([, lines = ""]) => lines).find((lines) => lines.startsWith(begin));
  return block?.slice(begin.length) ?? assert.fail(`no settings for ${comment}`);
}
