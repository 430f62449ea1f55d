/**
 * What published zones serve of the store's entries. Of a zone that was read once, only what has changed since is read again; the snapshot is
 * made on another thread. Promises: a change is in it whole or not at all; between two pages of entries others have their turn.
 */
import { setImmediate as turn } from "node:timers/promises";
import {
  entriesOf,
  snapshotOf,
  ZoneEntries,
  type EntriesSnapshot,
  type EntryChange,
  type ListingZone,
  type SnapshotMaker,
} from "../operate/listing/index.ts";
import { letGoOf } from "../policy/lists/index.ts";
import type { Clock } from "../runtime/index.ts";
import type { Published, PublishedChange } from "../store/index.ts";

export interface PublishedEntriesDeps {
  readonly published: Published;
  readonly clock: Pick<Clock, "now">;
  readonly maker: SnapshotMaker;
}

/** Entries handed to the thread at once: to read and to post them takes some milliseconds. */
const PAGE = 1000;

/** Changes looked at in one step. */
const CHANGES = 100;

/** Subjects that have changed; of more the zone is read anew. */
const MOST_FOLLOWED = 100_000;

interface Kept {
  readonly code: string;
  readonly text: string | undefined;
  /** The store's revision up to which it has every change of the zone. */
  readonly revision: number;
  readonly snapshot: EntriesSnapshot;
}

export class PublishedEntries {
  readonly #deps: PublishedEntriesDeps;
  readonly #kept = new Map<string, Kept>();

  constructor(deps: PublishedEntriesDeps) {
    this.#deps = deps;
  }

  /** The same object until an entry has changed. */
  async of(setting: ListingZone): Promise<EntriesSnapshot> {
    const { zone, code, text } = setting;
    const [latest] = await this.#deps.published.changes({ zone, limit: 1 });
    const kept = this.#kept.get(zone);
    const fits = kept !== undefined && kept.code === code && kept.text === text;
    if (fits && (latest?.id ?? 0) <= kept.revision) return kept.snapshot;
    if (kept !== undefined) this.#letGo(zone, kept); // what breaks off half-way is begun anew
    const follows = fits && !kept.snapshot.isWorn && this.#deps.maker.knows(zone);
    const made = follows ? await this.#follow(setting, kept.revision) : await this.#read(setting);
    this.#kept.set(zone, { code, text, ...made });
    return made.snapshot;
  }

  /** Of all other zones nothing is kept. */
  keepOnly(zones: ReadonlySet<string>): void {
    for (const [zone, kept] of this.#kept) {
      if (zones.has(zone)) continue;
      this.#letGo(zone, kept);
      this.#deps.maker.forget(zone);
    }
  }

  #letGo(zone: string, { snapshot }: Kept): void {
    this.#kept.delete(zone);
    letGoOf([snapshot.dataset]);
  }

  /** What changes while it is read is followed afterwards. */
  async #read(setting: ListingZone): Promise<Pick<Kept, "revision" | "snapshot">> {
    const { published, maker, clock } = this.#deps;
    const { zone } = setting;
    const revision = published.revision();
    // Most sites have no entries, and need no thread for them.
    if (published.entries(zone, { limit: 1 }).length === 0 && published.revision() === revision) {
      maker.forget(zone);
      return { revision, snapshot: snapshotOf(new ZoneEntries(setting)) };
    }
    maker.begin(zone, setting);
    const now = clock.now();
    let page: EntryChange[] = [];
    for await (const { subject, code, reason, until } of entriesOf(published, zone)) {
      if (until > now) page.push({ subject, ...(code !== undefined && { code }), reason });
      if (page.length < PAGE) continue;
      maker.change(zone, page);
      page = [];
    }
    maker.change(zone, page);
    return this.#follow(setting, revision);
  }

  /** A change that comes while those before it are read might be there in part: so until nothing has come. */
  async #follow(setting: ListingZone, since: number): Promise<Pick<Kept, "revision" | "snapshot">> {
    const { published, maker } = this.#deps;
    const { zone } = setting;
    for (let from = since; ;) {
      const revision = published.revision();
      const changes = await this.#changesSince(zone, from);
      if (changes === undefined) return this.#read(setting);
      for (const { id } of changes) await this.#tell(zone, id);
      if (published.revision() === revision) return { revision, snapshot: await maker.make(zone) };
      from = revision;
    }
  }

  /** Undefined: more than is worth following. */
  async #changesSince(
    zone: string,
    since: number,
  ): Promise<readonly PublishedChange[] | undefined> {
    const all: PublishedChange[] = [];
    let subjects = 0;
    for (let before: number | undefined; ;) {
      const page = await this.#deps.published.changes({ zone, limit: CHANGES, ...(before !== undefined && { before }) }); // prettier-ignore
      for (const change of page) {
        if (change.id <= since) return all;
        subjects += change.parts;
        if (subjects > MOST_FOLLOWED) return undefined;
        all.push(change);
      }
      before = page.at(-1)?.id;
      if (page.length < CHANGES) return all;
    }
  }

  /** What is said now of the subjects that a change touched: whichever change came last. */
  async #tell(zone: string, id: number): Promise<void> {
    const { published, maker } = this.#deps;
    for (let after = ""; ;) {
      const parts = await published.parts(id, { after, limit: PAGE });
      maker.change(zone, parts.map(({ subject }) => this.#now(zone, subject))); // prettier-ignore
      const last = parts.at(-1);
      if (last === undefined || parts.length < PAGE) return;
      after = last.subject;
      await turn();
    }
  }

  #now(zone: string, subject: string): EntryChange {
    const entry = this.#deps.published.find(zone, subject);
    if (entry === undefined || entry.until <= this.#deps.clock.now()) return { subject };
    const { code, reason } = entry;
    return { subject, ...(code !== undefined && { code }), reason };
  }
}
