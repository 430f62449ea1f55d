/** What a server does with and without a part that costs: the same, of several servers. */
import { rateOf } from "../measure/figures.ts";
import type { Line } from "../measure/line.ts";
import { count, share, table } from "./table.ts";

export function ratesTable(lines: readonly Line[], servers: readonly string[]): string {
  const rows = lines.map(({ title, figures }) => [
    title,
    ...servers.map((name) => count(rateOf(figures.get(name)))),
  ]);
  return table(["load", ...servers], rows);
}

export function cpuOf({ figures }: Line): (name: string) => number | undefined {
  return (name) => figures.get(name)?.cpu;
}

/** A smaller difference is not seen in a table of two decimals. */
const LEAST_SEEN = 0.005;

/** Nothing where the difference is lost in what else the machine did. */
export function shareSeen(part: number | undefined, whole: number | undefined): string {
  return share(part !== undefined && part >= LEAST_SEEN ? part : undefined, whole);
}

export function difference(
  first: number | undefined,
  second: number | undefined,
): number | undefined {
  return first === undefined || second === undefined ? undefined : first - second;
}
