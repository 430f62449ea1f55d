/**
 * What a zone serves of its entries, as they are read from the store. And what is protected, as a snapshot that says "not listed" of it: in front
 * of all others.
 */
import { setImmediate as turn } from "node:timers/promises";
import { DatasetBuilder, EXCLUDED, type Dataset } from "../../policy/lists/files/index.ts";
import type { Published, PublishedEntry } from "../../store/index.ts";
import type { ProtectedSubject } from "./guards.ts";
import type { ListingZone } from "./settings.ts";
import { ZoneEntries } from "./zone-entries.ts";
import type { Subject } from "./subject.ts";

/** Entries read at once: a page takes some milliseconds, and others have their turn behind it. */
const PAGE_ENTRIES = 2000;

/** The entries that a zone has now, page by page. Undefined where it was changed meanwhile: whoever asks asks again. */
export async function zoneDataset(
  published: Pick<Published, "entries" | "revision">,
  zone: Pick<ListingZone, "zone" | "code" | "text">,
  now: number,
): Promise<Dataset | undefined> {
  const revision = published.revision();
  const entries = new ZoneEntries(zone);
  for await (const entry of entriesOf(published, zone.zone))
    if (entry.until > now) entries.change(entry);
  return published.revision() === revision ? entries.dataset() : undefined;
}

/** All of a zone in the order of their subjects. */
export async function* entriesOf(
  published: Pick<Published, "entries">,
  zone: string,
): AsyncGenerator<PublishedEntry> {
  for (let after = ""; ;) {
    const page = published.entries(zone, { after, limit: PAGE_ENTRIES });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_ENTRIES) return;
    after = last.subject;
    await turn();
  }
}

/** All of it is known, and not listed. */
export function protectedDataset(all: readonly ProtectedSubject[]): Dataset {
  const builder = new DatasetBuilder();
  // Segments that list nothing are left out when they are made: they are made as if they did.
  const value = builder.value(0x7f00_0002, undefined);
  for (const { subject } of all) put(builder, subject, subject.kind === "name" ? EXCLUDED : value);
  const dataset = builder.finish({
    ties: "first",
    subzones: [""],
    substitutions: undefined,
    leftOut() {},
  });
  dataset.v4.answers.fill(EXCLUDED);
  dataset.v6.answers.fill(EXCLUDED);
  return dataset;
}

function put(builder: DatasetBuilder, subject: Subject, value: number): void {
  switch (subject.kind) {
    case "v4":
      return builder.range4(subject.block, subject.block.bits, value);
    case "v6":
      return builder.block6(subject.block, value);
    case "name":
      return subject.wild ? builder.wild(subject.name, value) : builder.exact(subject.name, value);
  }
}
