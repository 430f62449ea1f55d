/** `gatepost list zones` and `list stats`: which lists are published here, how large they are, how they change. */
import type { Command } from "commander";
import { zoneFigures, type ZoneFigures } from "../operate/listing/index.ts";
import { inLists, isoText, minuteText, type ListOptions } from "./list-site.ts";
import { print, printRows, type Row } from "./output.ts";
import { withConfig } from "./site-options.ts";

const NONE = "no list is published here; the setting [[listing.zone]] makes one";

export function listZonesCommands(list: Command): void {
  withConfig(list.command("zones"))
    .description("the lists that are published here")
    .option("--json", "as JSON")
    .action((options: ListOptions) =>
      inLists(options, async ({ site }) => {
        const files = new Map<string, readonly string[]>(
          site.settings.zone.map(({ zone, files: all }) => [zone, all]),
        );
        const all = (await zoneFigures(site)).map((one) => ({ ...one, files: files.get(one.zone) ?? [] })); // prettier-ignore
        printRows(all.map(options.json === true ? zoneJson : zoneRow), options.json === true, NONE);
      }),
    );
  withConfig(list.command("stats"))
    .description("how many entries each list has, on which evidence, and how it changes")
    .option("--json", "as JSON")
    .action((options: ListOptions) =>
      inLists(options, async ({ site }) => {
        const all = await zoneFigures(site);
        if (options.json === true) print(JSON.stringify(all.map(statsJson), null, 2));
        else printRows(all.map(statsRow), false, NONE);
      }),
    );
}

type Zone = ZoneFigures & { readonly files: readonly string[] };

function stateOf({ retiredAt, brake }: ZoneFigures): string {
  if (retiredAt !== undefined) return "retired";
  return brake === undefined ? "published" : "brake pulled";
}

function zoneRow(one: Zone): Row {
  const { zone, kind, entries, files, firstEnd } = one;
  return {
    zone,
    kind,
    state: stateOf(one),
    entries,
    files: files.length === 0 ? null : files,
    "next end": firstEnd === undefined ? null : minuteText(firstEnd),
  };
}

function zoneJson(one: Zone): Row {
  const { zone, kind, entries, serial, files, firstEnd, retiredAt, brake } = one;
  return {
    zone,
    kind,
    state: stateOf(one),
    entries,
    files,
    serial,
    nextEnd: isoText(firstEnd),
    retiredAt: isoText(retiredAt),
    brakeSince: isoText(brake?.at),
    brakeWhy: brake?.why ?? null,
  };
}

function statsRow({ zone, kind, entries, size, evidence, day, week }: ZoneFigures): Row {
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
  return `${size.toLocaleString("en")} ${size === 1 ? one : kind}`;
}

function statsJson({ zone, kind, entries, size, evidence, day, week }: ZoneFigures) {
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
