/** The files that published zones are served from: read before a configuration is in force, and again when they change. */
import { ConfigError, type LoadedConfig } from "../config/index.ts";
import type { ListingZone, ZoneFile } from "../operate/listing/index.ts";
import { formatByName } from "../policy/lists/index.ts";
import { systemClock, type Log } from "../runtime/index.ts";
import { ListFiles, readInThread } from "../service/lists/index.ts";
import { idleTimer } from "./timer.ts";

/** Milliseconds between two looks at the files. One that is put into another's place is served at the second look. */
const LOOK_MS = 400;

export interface ZoneFiles {
  readonly files: ListFiles;
  /** Of a zone, in the order of its setting. */
  readonly of: (zone: ListingZone) => readonly ZoneFile[];
}

/** Throws a ConfigError where one cannot be used and was not read `before` either. */
export async function openZoneFiles(
  loaded: LoadedConfig,
  log: Log,
  before?: ZoneFiles,
): Promise<ZoneFiles> {
  const { zone: zones } = loaded.config.listing;
  const wanted = zones.flatMap(({ zone, kind, files }, i) =>
    files.map((file, j) => ({
      key: `listing.zone.${i}.files.${j}`,
      name: nameOf(zone, file),
      kind,
      path: loaded.path(file),
      format: formatByName(file) ?? ("auto" as const),
      subzone: undefined,
    })),
  );
  const deps = { read: readInThread, clock: systemClock, timer: idleTimer, log, lookMs: LOOK_MS };
  const { files, faults } = await ListFiles.open(wanted, deps, before?.files);
  const problems = faults.flatMap(({ list, problem }) =>
    wanted
      .filter(({ name }) => name === list)
      .map(({ key, path }) => ({ key, problem: `${path}: ${problem}` })),
  );
  if (problems.length > 0) throw new ConfigError(loaded.file, problems);
  return {
    files,
    of: ({ zone, files: own }) =>
      own.flatMap((file) => {
        const snapshot = files.snapshot(nameOf(zone, file));
        return snapshot === undefined ? [] : [{ file: loaded.path(file), snapshot }];
      }),
  };
}

function nameOf(zone: string, file: string): string {
  return `${zone} ${file}`;
}
