/** `npm run check`: what each commit passes. Types, lint, format and the fast suites, in about a minute. */
import { runTogether, secondsSince, STATIC_PARTS } from "./parts.ts";
import { FAST_PARTS } from "./suites.ts";

const began = performance.now();
const ok = await runTogether([...STATIC_PARTS, ...FAST_PARTS]);
console.log(`${ok ? "all good" : "not good"} (${secondsSince(began)})`);
process.exitCode = ok ? 0 : 1;
