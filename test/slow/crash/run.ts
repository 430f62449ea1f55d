/**
 * `npm run crash -- ROUNDS [receiving|sending]`: the crash loops by hand, as many rounds as wanted (500 unless said), one
 * of them or both. Exit 1 where a promise broke.
 */
import { crashReceiving } from "./receiving.ts";
import { crashSending } from "./sending.ts";

const LOOPS = new Map([
  ["receiving", crashReceiving],
  ["sending", crashSending],
] as const);

const [roundsText = "500", only] = process.argv.slice(2);
const rounds = Number(roundsText);
const wanted = [...LOOPS].filter(([name]) => only === undefined || only === name);
if (!Number.isInteger(rounds) || rounds < 1 || wanted.length === 0) {
  process.stderr.write(
    `expected a number of rounds, and perhaps one of ${[...LOOPS.keys()].join(", ")}, such as: npm run crash -- 500 sending\n`,
  );
  process.exit(2);
}
process.exitCode = 0;
for (const [name, loop] of wanted) {
  const report = await loop(rounds, Math.random);
  process.stdout.write(`${name} ${JSON.stringify(report, null, 2)}\n`);
  if (report.broken.length > 0) process.exitCode = 1;
}
