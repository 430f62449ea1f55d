/**
 * `npm test`: everything. Brings the Debian programs that the tests need, checks the code, runs every suite.
 * Where a program can't be brought, its suites are left out by name, which is a failure under CI.
 */
import { runTogether, secondsSince, STATIC_PARTS } from "./parts.ts";
import { bringPrograms, suitesLeftOut } from "./programs.ts";
import { FAST_PARTS, runSuites, slowSuites } from "./suites.ts";

const began = performance.now();
const leftOut = suitesLeftOut(bringPrograms());
const codeIsGood = await runTogether([...STATIC_PARTS, ...FAST_PARTS]);
const suites = slowSuites().filter((file) => !leftOut.some(({ suite }) => suite === file));
const suitesPassed = await runSuites(suites, "process", (text) => process.stdout.write(text));
for (const { suite, why } of leftOut) console.log(`left out: ${suite} (${why})`);
if (!codeIsGood) console.log("types, lint, format or a fast suite failed: see the beginning");
console.log(`took ${secondsSince(began)}`);

const complete = leftOut.length === 0 || process.env["CI"] === undefined;
process.exitCode = codeIsGood && suitesPassed && complete ? 0 : 1;
