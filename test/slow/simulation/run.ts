/**
 * `npm run simulate -- --days N --seed S`: a server's life, as long as wanted (10,000 days unless said). Prints the seed,
 * with which the same life can be had again; exit 1 where a promise broke.
 */
import { parseArgs } from "node:util";
import { live } from "./world.ts";

const value = { type: "string" } as const;
const { values } = parseArgs({ options: { days: value, seed: value } });
const days = whole(values.days ?? "10000", "days");
const seed = whole(values.seed ?? String(Date.now() % 2 ** 31), "seed");

say(`${days} days, seed ${seed}`);
const began = performance.now();
const lived = await live(days, seed, (day) => {
  if (day % 100 === 0) say(`${day} days in ${seconds()} s`);
});
say(JSON.stringify(lived, null, 2));
say(
  `${lived.problems.length} problems in ${seconds()} s; again with --days ${days} --seed ${seed}`,
);
process.exitCode = lived.problems.length === 0 ? 0 : 1;

function seconds(): string {
  return ((performance.now() - began) / 1000).toFixed(0);
}

function whole(text: string, name: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  process.stderr.write(`--${name} ${text}: expected a number of at least 1\n`);
  process.exit(2);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
