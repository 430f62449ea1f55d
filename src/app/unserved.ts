/** What files of published zones say and nobody is told: for the log when a file is read, and for `gatepost check`. */
import type { LoadedConfig } from "../config/index.ts";
import { silentLog, type Log } from "../runtime/index.ts";
import { wideBlocksOf } from "../operate/listing/answering/index.ts";
import { servedZones, type ListingZone, type ZoneFile } from "../operate/listing/index.ts";
import type { ListSnapshot } from "../policy/lists/index.ts";
import { openZoneFiles } from "./zone-files.ts";

/** Of one file, for one reason. */
export interface Unserved {
  readonly zone: string;
  readonly file: string;
  readonly why: string;
  /** "10.0.0.0/8"; "relays", a subzone. So many are told. */
  readonly what: readonly string[];
  /** How many there are besides. */
  readonly more: number;
}

/** "10.0.0.0/8, 172.16.0.0/12 and 3 more: …" */
export function unservedText({ what, more, why }: Unserved): string {
  return `${what.join(", ")}${more > 0 ? ` and ${more} more` : ""}: ${why}`;
}

/** A file of a published list, as it was read. */
export interface PublishedFile {
  readonly zone: string;
  readonly file: string;
  readonly entries: number;
  /** By its own words, milliseconds since 1970. */
  readonly made: number | undefined;
  readonly expires: number | undefined;
  readonly unserved: readonly Unserved[];
}

type FilesOf = (zone: ListingZone) => readonly ZoneFile[];

/** Blocks, or subzones, that are told of a file. */
const TOLD = 10;

const TOO_WIDE = "all of one answer and wider than a /16 of IPv4 or a /32 of IPv6";

export function unservedOf(
  zones: readonly ListingZone[],
  filesOf: FilesOf,
  isWanted: (snapshot: ListSnapshot) => boolean = () => true,
): readonly Unserved[] {
  const { refused } = servedZones(zones, filesOf);
  return zones.flatMap((setting) =>
    filesOf(setting)
      .filter(({ snapshot }) => isWanted(snapshot))
      .flatMap(({ file, snapshot }) => {
        const { zone, kind } = setting;
        const its = refused.filter((one) => one.zone === zone && one.file === file);
        const reasons = Map.groupBy(its, ({ why }) => why);
        return [
          ...told({ zone, file, why: TOO_WIDE }, wideIn(snapshot, kind)),
          ...[...reasons].flatMap(([why, some]) => told({ zone, file, why }, some.map(({ subzone }) => subzone))), // prettier-ignore
        ];
      }),
  );
}

function wideIn({ datasets }: ListSnapshot, kind: ListingZone["kind"]): readonly string[] {
  return [...new Set(datasets.flatMap((dataset) => [...wideBlocksOf(dataset, kind)]))];
}

function told(
  of: Pick<Unserved, "zone" | "file" | "why">,
  all: readonly string[],
): readonly Unserved[] {
  if (all.length === 0) return [];
  return [{ ...of, what: all.slice(0, TOLD), more: Math.max(0, all.length - TOLD) }];
}

/** Reads them. Throws a ConfigError where one cannot be used. */
export async function publishedFiles(loaded: LoadedConfig): Promise<readonly PublishedFile[]> {
  const { zone: zones } = loaded.config.listing;
  const { of: filesOf } = await openZoneFiles(loaded, silentLog);
  const all = unservedOf(zones, filesOf);
  return zones.flatMap((setting) =>
    filesOf(setting).map(({ file, snapshot: { entries, made, expires } }) => {
      const { zone } = setting;
      const unserved = all.filter((one) => one.zone === zone && one.file === file);
      return { zone, file, entries, made, expires, unserved };
    }),
  );
}

/** Tells the log, once of each file as it was read. */
export class UnservedTold {
  readonly #log: Pick<Log, "warn">;
  readonly #told = new WeakSet<ListSnapshot>();

  constructor(log: Pick<Log, "warn">) {
    this.#log = log;
  }

  tell(zones: readonly ListingZone[], filesOf: FilesOf): void {
    const fresh = (snapshot: ListSnapshot): boolean => !this.#told.has(snapshot);
    for (const one of unservedOf(zones, filesOf, fresh))
      this.#log.warn("not served of a published list's file", {
        ...one,
        todo: "mend the file, or leave it: nobody is told that these are listed",
      });
    for (const { snapshot } of zones.flatMap(filesOf)) this.#told.add(snapshot);
  }
}
