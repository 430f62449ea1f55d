/** `gatepost list stats`: what each list has in it, how it changes, and what is asked about it. */
import { InvalidArgumentError, type Command } from "commander";
import {
  askedIn,
  askedOf,
  zoneFigures,
  type Asked,
  type AskedUnit,
  type Outcomes,
  type ZoneFigures,
} from "../operate/listing/index.ts";
import { COUNTED, NO_ZONE, type Counted } from "../operate/listing/answering/index.ts";
import { CommandError } from "./exit.ts";
import { inLists, isoText, minuteText, NO_LIST, zoneOf, type ListOptions } from "./list-site.ts";
import { dayText, print, printRows, type Row } from "./output.ts";
import { withConfig } from "./site-options.ts";

interface StatsOptions extends ListOptions {
  readonly zone?: string;
  readonly hours?: number;
  readonly days?: number;
}

const HOURS = 24;

export function listStatsCommand(list: Command): void {
  withConfig(list.command("stats"))
    .description("how many entries each list has, how it changes, and what is asked about it")
    .option("--zone <zone>", "of this list alone")
    .option(
      "--hours <number>",
      "questions of so many hours, the present one among them; 24 unless --days is said",
      back,
    ) // prettier-ignore
    .option("--days <number>", "questions of so many days, today among them (UTC)", back)
    .option("--json", "as JSON")
    .action((options: StatsOptions) =>
      inLists(options, async (lists) => {
        const { site, questions } = lists;
        const span = spanOf(options);
        const zone = options.zone === undefined ? undefined : zoneOf(lists, options.zone).zone;
        const all = await zoneFigures(site);
        const figures = all.filter((one) => zone === undefined || one.zone === zone);
        const asked = await askedOf(questions, { ...span, now: site.now(), ...(zone !== undefined && { zone }) }); // prettier-ignore
        if (options.json === true)
          print(JSON.stringify(statsJson(figures, asked, span.unit), null, 2)); // prettier-ignore
        else if (figures.length === 0) print(NO_LIST);
        else printStats(figures, asked, { ...span, networks: site.settings.question_networks });
      }),
    );
}

function back(text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count >= 1 && count <= 10_000) return count;
  throw new InvalidArgumentError("expected a whole number from 1 to 10000");
}

function spanOf({ hours, days }: StatsOptions): {
  readonly back: number;
  readonly unit: AskedUnit;
} {
  if (hours !== undefined && days !== undefined)
    throw new CommandError("--hours and --days: expected one of them");
  return days === undefined ? { back: hours ?? HOURS, unit: "hour" } : { back: days, unit: "day" };
}

// ---- For people ----

const HEADS: Readonly<Record<Counted, string>> = {
  listed: "listed",
  notListed: "not listed",
  noData: "no data",
  aboutZone: "about the zone",
  transfer: "transfers",
  truncated: "truncated",
  refused: "refused",
  malformed: "malformed",
  failed: "failed",
  limited: "limited",
  silent: "not answered",
};

function printStats(
  figures: readonly ZoneFigures[],
  asked: Asked,
  { back: count, unit, networks }: { back: number; unit: AskedUnit; networks: number },
): void {
  printRows(figures.map(figuresRow), false, NO_LIST);
  const span = count === 1 ? `this ${unit}` : `the last ${count} ${unit}s`;
  if (asked.zones.length === 0) return print(`\nno questions in ${span}`);
  const seen = COUNTED.filter((what) => asked.zones.some(({ outcomes }) => outcomes.has(what)));
  const row = (head: Row, outcomes: Outcomes): Row => ({
    ...head,
    questions: number(askedIn(outcomes)),
    ...Object.fromEntries(seen.map((what) => [HEADS[what], number(outcomes.get(what) ?? 0)])),
  });
  print(`\nQuestions in ${span}:\n`);
  printRows(asked.zones.map(({ zone, outcomes }) => row({ zone: zone === NO_ZONE ? "(none of these)" : zone }, outcomes)), false, ""); // prettier-ignore
  print("");
  printRows(asked.periods.map(({ at, outcomes }) => row({ [unit]: unit === "day" ? dayText(at) : minuteText(at) }, outcomes)), false, ""); // prettier-ignore
  printNetworks(asked, networks);
}

function printNetworks({ networks, others }: Asked, kept: number): void {
  if (networks.length === 0 && kept === 0)
    return print("\nnetworks of clients are not kept (listing.question_networks = 0)");
  if (networks.length === 0) return;
  const all = networks.reduce((sum, { questions }) => sum + questions, others);
  const share = (questions: number): string => `${((100 * questions) / all).toFixed(1)} %`;
  const rows = networks.map(({ network, questions, listed }) => ({
    network,
    questions: number(questions),
    share: share(questions),
    listed: number(listed),
  }));
  const rest = { network: "(all others)", questions: number(others), share: share(others), listed: null }; // prettier-ignore
  print("");
  printRows(others > 0 ? [...rows, rest] : rows, false, "");
}

function number(count: number): string {
  return count.toLocaleString("en");
}

function figuresRow({ zone, kind, entries, size, evidence, day, week }: ZoneFigures): Row {
  return {
    zone,
    entries,
    size: sizeText(size, kind),
    evidence: [...evidence].map(([what, count]) => `${count} ${what}`),
    "24 hours": `+${day.listed} -${day.removed}`,
    "7 days": `+${week.listed} -${week.removed}`,
  };
}

function sizeText(size: number, kind: ZoneFigures["kind"]): string {
  const one = kind === "names" ? "name" : "address";
  return `${number(size)} ${size === 1 ? one : kind}`;
}

// ---- For scripts ----

function statsJson(figures: readonly ZoneFigures[], asked: Asked, unit: AskedUnit) {
  const { since, zones, periods, networks, others } = asked;
  return {
    zones: figures.map(figuresJson),
    questions: {
      since: isoText(since),
      zones: zones.map(({ zone, outcomes }) => ({ zone: zone === NO_ZONE ? null : zone, ...outcomesJson(outcomes) })), // prettier-ignore
      [`${unit}s`]: periods.map(({ at, outcomes }) => ({ from: isoText(at), ...outcomesJson(outcomes) })), // prettier-ignore
      networks,
      otherNetworks: others,
    },
  };
}

function outcomesJson(outcomes: Outcomes) {
  const counts = COUNTED.map((what) => [what, outcomes.get(what) ?? 0] as const);
  return { questions: askedIn(outcomes), ...Object.fromEntries(counts) };
}

function figuresJson({ zone, kind, entries, size, evidence, day, week }: ZoneFigures) {
  const changed = ({ listed, removed }: ZoneFigures["day"]) => ({ listed, removed });
  return {
    zone,
    kind,
    entries,
    size,
    evidence: Object.fromEntries(evidence),
    day: changed(day),
    week: changed(week),
  };
}
