/** What a server does with and without a part that costs: the same, of several servers. */
import { rateOf } from "../measure/figures.ts";
import type { Line } from "../measure/line.ts";
import { count, decimal, share, table } from "./table.ts";

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

/** Nothing where a difference is lost in what else the machine did. */
export function shareSeen(part: number | undefined, whole: number | undefined): string {
  const [seenPart, seenWhole] = [part, whole].map((value) =>
    value !== undefined && value >= LEAST_SEEN ? value : undefined,
  );
  return share(seenPart, seenWhole);
}

export function difference(
  first: number | undefined,
  second: number | undefined,
): number | undefined {
  return first === undefined || second === undefined ? undefined : first - second;
}

/** Two servers, each without and with the part. */
export interface Pairs {
  readonly ours: readonly [without: string, having: string];
  readonly theirs: readonly [without: string, having: string];
}

export function serversOf({ ours, theirs }: Pairs): readonly string[] {
  return [...ours, ...theirs];
}

/** Processor time, and what part of theirs ours is, with the part. */
export function pairsTable(lines: readonly Line[], pairs: Pairs, shareHead: string): string {
  const servers = serversOf(pairs);
  const rows = lines.map((line) => {
    const of = cpuOf(line);
    const each = servers.map((name) => decimal(of(name)));
    return [line.title, line.aim, ...each, share(of(pairs.ours[1]), of(pairs.theirs[1]))];
  });
  return table(["load", "aim", ...servers, shareHead], rows);
}

/** Processor time that the part adds. */
export function addedTable(lines: readonly Line[], { ours, theirs }: Pairs): string {
  const rows = lines.map((line) => {
    const of = cpuOf(line);
    const [our, their] = [ours, theirs].map(([without, having]) =>
      difference(of(having), of(without)),
    );
    return [line.title, decimal(our), decimal(their), shareSeen(our, their)];
  });
  return table(["load", ours[0], theirs[0], `of ${theirs[0]}'s`], rows);
}
