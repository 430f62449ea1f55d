/**
 * The test files and how they are run: node's own runner, its words passed on. A skipped or unfinished test fails the
 * run: what is not tested must not look tested.
 */
import { globSync } from "node:fs";
import { resolve } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { pathToFileURL } from "node:url";
import { runProgram, type Part, type PartResult } from "./parts.ts";

/** Suites that need whole servers, other programs or much time, the longest first; `npm run check` leaves them to `npm test`. */
const SLOW = ["slow", "interop", "e2e", "security"];

/** Folders whose suites run in one process: they share what they load, half of their work. None may change the process for others. */
const SHARED: Readonly<Record<string, readonly string[]>> = {
  "suites of engines and policy": [
    "config",
    "mail",
    "operate",
    "policy",
    "protocol",
    "runtime",
    "transcripts",
  ],
  "suites of services": ["service"],
  "suites around them": ["app", "net", "store", "web"],
};

/** Each with a process of its own. One more than the two processors of a small machine: most of them wait for other programs half their time. */
const FILES_AT_ONCE = 3;
/** Milliseconds after which a process is given up, of one file or of many: no suite may hang the whole run. */
const TIME_LIMIT = 600_000;

/** Processes load much the same code: it is compiled once, for their threads too. */
process.env["NODE_COMPILE_CACHE"] ??= resolve(".cache/compiled");
process.env["NODE_OPTIONS"] ??= `--import=${pathToFileURL("scripts/compiled.mjs").href}`;

function suitesIn(folders: readonly string[]): string[] {
  return folders.flatMap((folder) => globSync(`test/${folder}/**/*.test.ts`)).toSorted();
}

export function slowSuites(): string[] {
  return SLOW.flatMap((folder) => suitesIn([folder]));
}

/** The contract of the store, and what is about the repository: each file a process of its own. */
function otherSuites(): string[] {
  const elsewhere = new Set([...slowSuites(), ...suitesIn(Object.values(SHARED).flat())]);
  return globSync("test/**/*.test.ts")
    .filter((file) => !elsewhere.has(file))
    .toSorted();
}

/** Of a suite only its failures are shown. */
export const FAST_PARTS: readonly Part[] = [
  ...Object.entries(SHARED).map(([name, folders]) => ({
    name,
    run: () => inOneProcess(suitesIn(folders)),
  })),
  { name: "other fast suites", run: otherFastSuites },
];

async function otherFastSuites(): Promise<PartResult> {
  let report = "";
  const ok = await runSuites(otherSuites(), "process", (text) => (report += text));
  return { ok, output: failuresIn(report) };
}

/** Runs the files and writes the report as it comes; true when every test ran and passed. */
export async function runSuites(
  files: readonly string[],
  isolation: "process" | "none",
  write: (text: string) => void,
): Promise<boolean> {
  const events = run({
    files: [...files],
    isolation,
    timeout: TIME_LIMIT,
    ...(isolation === "process" && { concurrency: FILES_AT_ONCE }),
  });
  let passed = false;
  events.on("test:summary", ({ file, success, counts }) => {
    if (file === undefined) passed = success && counts.tests > 0 && counts.passed === counts.tests;
  });
  for await (const text of events.compose(new spec())) write(String(text));
  return passed;
}

async function inOneProcess(files: readonly string[]): Promise<PartResult> {
  const args = ["scripts/one-process.ts", ...files];
  const { ok, output } = await runProgram(process.execPath, args, TIME_LIMIT);
  return { ok, output: failuresIn(output) };
}

/** The reporter repeats the failures below a heading at the end; all of it when there is no such heading. */
function failuresIn(report: string): string {
  const heading = report.lastIndexOf("failing tests:");
  return heading < 0 ? report : report.slice(report.lastIndexOf("\n", heading) + 1);
}
