/**
 * The parts of a check, run side by side: one line for each with its time, and its output only when it
 * failed. A part is a command or a function.
 */
import { spawn } from "node:child_process";

export interface Part {
  readonly name: string;
  readonly run: () => Promise<PartResult>;
}

export interface PartResult {
  readonly ok: boolean;
  readonly output: string;
}

/** Types, lint and format: what can be said about the code without running it. */
export const STATIC_PARTS: readonly Part[] = [
  // Its threads would check much of the same twice, and other parts have use for the processors.
  command("types", "node_modules/.bin/tsc", ["-p", ".", "--singleThreaded"]),
  command("lint", "node_modules/.bin/oxlint", ["--type-aware", "--deny-warnings", "--format=unix"]),
  command("format", "node_modules/.bin/oxfmt", ["--check"]),
];

/** Runs all parts at once; true when every one of them passed. */
export async function runTogether(parts: readonly Part[]): Promise<boolean> {
  return (await Promise.all(parts.map(runAndReport))).every((ok) => ok);
}

async function runAndReport(part: Part): Promise<boolean> {
  const began = performance.now();
  const { ok, output } = await part.run();
  console.log(`${ok ? "✔" : "✖"} ${part.name} (${secondsSince(began)})`);
  if (!ok) console.log(output.trimEnd());
  return ok;
}

/** Seconds since a reading of `performance.now()`, for people: "3.2 s". */
export function secondsSince(began: number): string {
  return `${((performance.now() - began) / 1000).toFixed(1)} s`;
}

function command(name: string, program: string, args: readonly string[]): Part {
  return { name, run: () => runProgram(program, args) };
}

/** Its words, and whether it ended well; it is killed after so many milliseconds, if that is said. */
export function runProgram(
  program: string,
  args: readonly string[],
  limitMs?: number,
): Promise<PartResult> {
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: "1" };
    const child = spawn(program, args, {
      env,
      stdio: ["ignore", "pipe", "pipe"],
      ...(limitMs !== undefined && { timeout: limitMs, killSignal: "SIGKILL" }),
    });
    let output = "";
    const collect = (text: string) => (output += text);
    child.stdout.setEncoding("utf8").on("data", collect);
    child.stderr.setEncoding("utf8").on("data", collect);
    child.on("error", (error) => resolve({ ok: false, output: error.message }));
    child.on("close", (code) => {
      if (child.killed) output += `\n${program} did not end within ${limitMs} ms`;
      resolve({ ok: code === 0, output });
    });
  });
}
