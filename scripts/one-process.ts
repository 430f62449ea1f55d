/** Runs test files in this process, one after the other: `one-process.ts FILE…`. */
import { runSuites } from "./suites.ts";

const passed = await runSuites(process.argv.slice(2), "none", (text) => process.stdout.write(text));
process.exitCode = passed ? 0 : 1;
