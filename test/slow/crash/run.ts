/** `npm run crash -- ROUNDS`: the crash loop by hand, as many rounds as wanted (500 unless said). Exit 1 where a promise broke. */
import { crashLoop } from "./loop.ts";

const rounds = Number(process.argv[2] ?? "500");
if (!Number.isInteger(rounds) || rounds < 1) {
  process.stderr.write("expected a number of rounds, such as: npm run crash -- 500\n");
  process.exit(2);
}
const report = await crashLoop(rounds, Math.random);
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
process.exitCode = report.broken.length === 0 ? 0 : 1;
