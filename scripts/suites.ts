/**
 * The test files and how they are run: node's own runner, two files at a time, its words passed on.
 * A skipped or unfinished test fails the run: what is not tested must not look tested.
 */
import { globSync } from "node:fs";
import { resolve } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import type { Part } from "./parts.ts";

/** Suites that need whole servers, other programs or much time; `npm run check` leaves them to `npm test`. */
const SLOW = ["test/e2e/", "test/interop/", "test/security/", "test/slow/"];
const FILES_AT_ONCE = 2;
/** Milliseconds after which a single file is given up: no suite may hang the whole run. */
const FILE_TIME_LIMIT = 300_000;

export function allSuites(): string[] {
  return globSync("test/**/*.test.ts").toSorted();
}

export function fastSuites(): string[] {
  return allSuites().filter((file) => !SLOW.some((folder) => file.startsWith(folder)));
}

/** Each file is a process of its own, and they load much the same code: it is compiled once, for their threads too. */
process.env["NODE_COMPILE_CACHE"] ??= resolve(".cache/compiled");
process.env["NODE_OPTIONS"] ??= `--import=${resolve("scripts/compiled.mjs")}`;

/** Runs the files and writes the report as it comes; true when every test ran and passed. */
export async function runSuites(
  files: readonly string[],
  write: (text: string) => void,
): Promise<boolean> {
  const events = run({
    files: [...files],
    concurrency: FILES_AT_ONCE,
    timeout: FILE_TIME_LIMIT,
  });
  let passed = false;
  events.on("test:summary", ({ file, success, counts }) => {
    if (file === undefined) passed = success && counts.tests > 0 && counts.passed === counts.tests;
  });
  for await (const text of events.compose(new spec())) write(String(text));
  return passed;
}

/** The fast suites as a part of a check: the report is kept, and only its failures are shown. */
export const FAST_SUITES: Part = {
  name: "fast suites",
  async run() {
    let report = "";
    const ok = await runSuites(fastSuites(), (text) => (report += text));
    return { ok, output: failuresIn(report) };
  },
};

/** The reporter repeats the failures below a heading at the end; all of it when there is no such heading. */
function failuresIn(report: string): string {
  const heading = report.lastIndexOf("failing tests:");
  return heading < 0 ? report : report.slice(report.lastIndexOf("\n", heading) + 1);
}
