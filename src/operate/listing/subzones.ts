/**
 * The zones that a configuration and its files make: each that is configured, and below it one for each name that a combined file gives its
 * datasets (rbldnsd(8), "$DATASET"). So a file that was served as it is goes on saying the same of the same names; and whatever is promised of a
 * zone (test points, what is never listed, what is too wide) holds for each.
 */
import { parseName } from "../../protocol/dns/index.ts";
import type { Dataset, ListSnapshot } from "../../policy/lists/files/index.ts";
import type { ListingZone } from "./settings.ts";

/** A file of a zone. */
export interface ZoneFile {
  readonly file: string;
  readonly snapshot: ListSnapshot;
}

export interface ServedZone {
  /** Under its own name. */
  readonly setting: ListingZone;
  /** Only files make it: the zone of the configuration that it is below. */
  readonly below?: string;
  readonly datasets: readonly Dataset[];
  /** When its files end that do, milliseconds since 1970. */
  readonly ends: readonly number[];
}

/** A name that datasets of a file are for and that is not served. */
export interface RefusedSubzone {
  readonly zone: string;
  readonly file: string;
  readonly subzone: string;
  readonly why: string;
}

/** Zones of a site that only its files make: a question is held against the name of each. */
export const SUBZONES_LIMIT = 64;

interface Making {
  readonly setting: ListingZone;
  readonly below?: string;
  readonly datasets: Dataset[];
  readonly ends: Set<number>;
}

/** A zone of the configuration has its own files and what is for its name in files of the zones around it. */
export function servedZones(
  zones: readonly ListingZone[],
  filesOf: (zone: ListingZone) => readonly ZoneFile[],
): { readonly served: readonly ServedZone[]; readonly refused: readonly RefusedSubzone[] } {
  const making = new Map<string, Making>(
    zones.map((setting) => [setting.zone, { setting, datasets: [], ends: new Set() }]),
  );
  const refused: RefusedSubzone[] = [];
  for (const zone of zones)
    for (const { file, snapshot } of filesOf(zone))
      for (const subzone of new Set(snapshot.datasets.flatMap(({ subzones }) => subzones))) {
        const into = placeOf(zone, subzone, making);
        if (typeof into === "string") refused.push({ zone: zone.zone, file, subzone, why: into });
        else take(into, snapshot, subzone);
      }
  const served = [...making.values()].map(({ ends, ...zone }) => ({ ...zone, ends: [...ends] }));
  return { served, refused };
}

/** Where it belongs; the reason where it is not served. */
function placeOf(zone: ListingZone, subzone: string, making: Map<string, Making>): Making | string {
  const name = subzone === "" ? zone.zone : parseName(`${subzone}.${zone.zone}`);
  if (name === undefined) return "its name is too long";
  const there = making.get(name);
  if (there !== undefined) return there;
  const made = [...making.values()].filter(({ below }) => below !== undefined).length;
  if (made >= SUBZONES_LIMIT) return `there are ${SUBZONES_LIMIT} subzones already`;
  const setting = { ...zone, zone: name, files: [] };
  const begun: Making = { setting, below: zone.zone, datasets: [], ends: new Set() };
  making.set(name, begun);
  return begun;
}

function take(
  { datasets, ends }: Making,
  { datasets: all, expires }: ListSnapshot,
  subzone: string,
): void {
  datasets.push(...all.filter(({ subzones }) => subzones.includes(subzone)));
  if (expires !== undefined) ends.add(expires);
}
