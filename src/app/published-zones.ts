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
  SnapshotMaker,
  type EntriesSnapshot,
  type ListingZone,
  type ProtectedSubject,
  type ServedZone,
  type ZoneFile,
} from "../operate/listing/index.ts";
import { sharedDataset, sharedRow, type Dataset } from "../policy/lists/index.ts";
import type { Clock } from "../runtime/index.ts";
import type { Published } from "../store/index.ts";
import { PublishedEntries } from "./published-entries.ts";

/** Names of a file; what is above so few is found out at once, and above more on the thread of snapshots. */
const FEW_NAMES = 1000;

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

type Content = Pick<PublishedZone, "sources" | "nonTerminals">;

/** Of a zone that is retired. */
const NO_CONTENT: Content = { sources: [], nonTerminals: [] };

export class PublishedZones {
  readonly #deps: PublishedZonesDeps;
  #made = new Map<string, Made>();
  readonly #maker = new SnapshotMaker();
  readonly #entries: PublishedEntries;
  /** Of files' datasets. */
  readonly #nonTerminals = new WeakMap<Dataset, Uint32Array>();

  constructor(deps: PublishedZonesDeps) {
    this.#deps = deps;
    this.#entries = new PublishedEntries({ ...deps, maker: this.#maker });
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
    this.#entries.keepOnly(new Set(made.keys()));
    return [...made.values()].map(({ zone }) => zone);
  }

  /** Who is told when a zone that was made last has changed. */
  notifiedOf({ origin }: PublishedZone): readonly NameServer[] {
    return this.#made.get(origin)?.notify ?? [];
  }

  async stop(): Promise<void> {
    await this.#maker.stop();
  }

  /** What only files make has no entries, and is retired with the zone that it is below. */
  async #make(
    { setting, below, datasets, ends }: ServedZone,
    guarded: readonly ProtectedSubject[],
  ): Promise<Made> {
    const { published, clock } = this.#deps;
    const { retiredAt } = published.zone(below ?? setting.zone);
    const entries = below === undefined ? await this.#entries.of(setting) : undefined;
    const texts = guarded.map(({ subject }) => subject.text).join();
    const of = [JSON.stringify(setting), texts, retiredAt, entries, ...datasets, ...ends];
    const before = this.#made.get(setting.zone);
    if (before !== undefined && isSame(before.of, of)) return before;
    const serial = await published.nextSerial(setting.zone, clock.now());
    const retired = retiredAt !== undefined;
    const content = retired ? NO_CONTENT : await this.#content(guarded, entries, datasets);
    const zone = zoneOf(setting, serial, retired, content, ends);
    return { of, zone, notify: setting.secondaries.flatMap(({ notify }) => notify ?? []) };
  }

  async #content(
    guarded: readonly ProtectedSubject[],
    entries: EntriesSnapshot | undefined,
    datasets: readonly Dataset[],
  ): Promise<Content> {
    const own = sharedDataset(protectedDataset(guarded));
    const nonTerminals = [sharedRow(nonTerminalsOf(own))];
    if (entries !== undefined) nonTerminals.push(entries.nonTerminals);
    for (const dataset of datasets) nonTerminals.push(await this.#nonTerminalsOf(dataset));
    return {
      sources: [[own], entries === undefined ? [] : [entries.dataset], datasets],
      nonTerminals: nonTerminals.filter(({ length }) => length > 0),
    };
  }

  async #nonTerminalsOf(dataset: Dataset): Promise<Uint32Array> {
    const known = this.#nonTerminals.get(dataset);
    if (known !== undefined) return known;
    const names = dataset.exact.answers.length + dataset.wild.answers.length;
    const few = names <= FEW_NAMES;
    const made = few ? sharedRow(nonTerminalsOf(dataset)) : await this.#maker.nonTerminals(dataset);
    this.#nonTerminals.set(dataset, made);
    return made;
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

function zoneOf(
  setting: ListingZone,
  serial: number,
  retired: boolean,
  content: Content,
  ends: readonly number[],
): PublishedZone {
  const { zone: origin, kind, ns, contact, ttl, refresh, retry, expire } = setting;
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
    ...content,
    transferTo: setting.secondaries.map(({ network }) => network),
  };
}
