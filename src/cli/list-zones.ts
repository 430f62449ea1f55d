/** `gatepost list zones`: which lists are published here, and how large they are. */
import type { Command } from "commander";
import { zoneFigures, type ZoneFigures } from "../operate/listing/index.ts";
import { inLists, isoText, minuteText, NO_LIST, type ListOptions } from "./list-site.ts";
import { printRows, type Row } from "./output.ts";
import { withConfig } from "./site-options.ts";

export function listZonesCommand(list: Command): void {
  withConfig(list.command("zones"))
    .description("the lists that are published here")
    .option("--json", "as JSON")
    .action((options: ListOptions) =>
      inLists(options, async ({ site }) => {
        const files = new Map<string, readonly string[]>(
          site.settings.zone.map(({ zone, files: all }) => [zone, all]),
        );
        const all = (await zoneFigures(site)).map((one) => ({ ...one, files: files.get(one.zone) ?? [] })); // prettier-ignore
        printRows(
          all.map(options.json === true ? zoneJson : zoneRow),
          options.json === true,
          NO_LIST,
        );
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
    files,
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
