/**
 * The zones that this site publishes, made of the configuration, of files and of the store's entries. Promises: a zone is made anew, and gets a
 * new serial, only where something of it has become another; what is protected stands in front of all that lists.
 */
import type { Config } from "../config/index.ts";
import type { NameServer } from "../net/index.ts";
import { nonTerminalsOf, type PublishedZone } from "../operate/listing/answering/index.ts";
import {
  guardRules,
  protectedDataset,
  servedZones,
  zoneDataset,
  type ListingZone,
  type ProtectedSubject,
  type ServedZone,
  type ZoneFile,
} from "../operate/listing/index.ts";
import { sharedDataset, sharedRow, type Dataset } from "../policy/lists/index.ts";
import type { Clock } from "../runtime/index.ts";
import type { Published } from "../store/index.ts";

export interface PublishedZonesDeps {
  readonly published: Published;
  readonly clock: Clock;
}

/** The files of a zone, in the order of the setting. */
export type FilesOf = (zone: ListingZone) => readonly ZoneFile[];

interface Made {
  /** What it was made of. */
  readonly of: readonly unknown[];
  readonly zone: PublishedZone;
  /** Who is told of it. */
  readonly notify: readonly NameServer[];
}

interface Entries {
  readonly of: readonly unknown[];
  readonly dataset: Dataset;
}

export class PublishedZones {
  readonly #deps: PublishedZonesDeps;
  #made = new Map<string, Made>();
  readonly #entries = new Map<string, Entries>();

  constructor(deps: PublishedZonesDeps) {
    this.#deps = deps;
  }

  /** Those of the configuration and of its files, as they are now; of one that has not changed since it is the same object. */
  async make(
    { listing }: Pick<Config, "listing">,
    own: readonly ProtectedSubject[],
    filesOf: FilesOf,
  ): Promise<readonly PublishedZone[]> {
    const guarded = guardRules(listing, own).protected;
    const made = new Map<string, Made>();
    for (const zone of servedZones(listing.zone, filesOf).served)
      made.set(zone.setting.zone, await this.#make(zone, ofKind(zone.setting, guarded)));
    this.#made = made;
    for (const zone of this.#entries.keys()) if (!made.has(zone)) this.#entries.delete(zone);
    return [...made.values()].map(({ zone }) => zone);
  }

  /** Who is told when a zone that was made last has changed. */
  notifiedOf({ origin }: PublishedZone): readonly NameServer[] {
    return this.#made.get(origin)?.notify ?? [];
  }

  /** What only files make has no entries, and is retired with the zone that it is below. */
  async #make(
    { setting, below, datasets, ends }: ServedZone,
    guarded: readonly ProtectedSubject[],
  ): Promise<Made> {
    const { published, clock } = this.#deps;
    const { retiredAt } = published.zone(below ?? setting.zone);
    const entries = below === undefined ? [await this.#entriesOf(setting)] : [];
    const texts = guarded.map(({ subject }) => subject.text).join();
    const of = [JSON.stringify(setting), texts, retiredAt, ...entries, ...datasets, ...ends];
    const before = this.#made.get(setting.zone);
    if (before !== undefined && isSame(before.of, of)) return before;
    const serial = await published.nextSerial(setting.zone, clock.now());
    const sources = [[sharedDataset(protectedDataset(guarded))], entries, datasets];
    const zone = zoneOf(setting, serial, retiredAt === undefined ? sources : [], ends);
    return { of, zone, notify: setting.secondaries.flatMap(({ notify }) => notify ?? []) };
  }

  /** The same object until an entry has changed. */
  async #entriesOf(setting: ListingZone): Promise<Dataset> {
    const { published, clock } = this.#deps;
    const { zone, code, text } = setting;
    const [latest] = await published.changes({ zone, limit: 1 });
    const of = [latest?.id, code, text];
    const before = this.#entries.get(zone);
    if (before !== undefined && isSame(before.of, of)) return before.dataset;
    for (;;) {
      const dataset = await zoneDataset(published, setting, clock.now());
      if (dataset === undefined) continue; // it was changed meanwhile
      const made = { of, dataset: sharedDataset(dataset) };
      this.#entries.set(zone, made);
      return made.dataset;
    }
  }
}

/** Of a list of addresses those that are addresses, of one of names the names. */
function ofKind(
  { kind }: ListingZone,
  guarded: readonly ProtectedSubject[],
): readonly ProtectedSubject[] {
  return guarded.filter(({ subject }) => (subject.kind === "name") === (kind === "names"));
}

/** The same objects in the same order. */
export function isSame(before: readonly unknown[], now: readonly unknown[]): boolean {
  return before.length === now.length && now.every((part, i) => part === before[i]);
}

/** Without sources it is retired. */
function zoneOf(
  setting: ListingZone,
  serial: number,
  sources: readonly (readonly Dataset[])[],
  ends: readonly number[],
): PublishedZone {
  const { zone: origin, kind, ns, contact, ttl, refresh, retry, expire } = setting;
  const retired = sources.length === 0;
  return {
    origin,
    kind,
    ns,
    contact,
    serial,
    refresh,
    retry,
    expire,
    ttl,
    negativeTtl: setting.negative_ttl,
    validUntil: retired || ends.length === 0 ? undefined : Math.min(...ends),
    retired,
    sources,
    nonTerminals: sharedRow(nonTerminalsOf(sources)),
    transferTo: setting.secondaries.map(({ network }) => network),
  };
}
