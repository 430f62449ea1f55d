/**
 * What a zone serves of its entries, as a snapshot that is searched like a list's file (policy/lists/files). Of blocks within each other the
 * smallest counts; the name itself counts before all that is said of names above it. And what is protected, as a snapshot that says "not
 * listed" of it: in front of all others.
 */
import { setImmediate as turn } from "node:timers/promises";
import { cursorOn, DatasetBuilder, EXCLUDED, readBlock4, type Dataset } from "../../policy/lists/files/index.ts"; // prettier-ignore
import type { Published, PublishedEntry } from "../../store/index.ts";
import type { ProtectedSubject } from "./guards.ts";
import type { ListingZone } from "./settings.ts";
import { readSubject, type Subject } from "./subject.ts";

/** What an entry says where it says nothing else. */
export type ZoneAnswer = Pick<ListingZone, "code" | "text">;

export type ServedEntry = Pick<PublishedEntry, "subject" | "code" | "reason" | "until">;

/** Entries read at once: a page takes some milliseconds, and others have their turn behind it. */
const PAGE_ENTRIES = 2000;

/** Of the entries that are not over. */
export class EntriesDataset {
  readonly #builder = new DatasetBuilder();
  readonly #answer: ZoneAnswer;
  readonly #now: number;
  readonly #codes = new Map<string, number>();

  constructor(answer: ZoneAnswer, now: number) {
    this.#answer = answer;
    this.#now = now;
  }

  add({ subject, code = this.#answer.code, reason, until }: ServedEntry): void {
    if (until <= this.#now) return;
    put(this.#builder, readSubject(subject), this.#builder.value(this.#code(code), reason));
  }

  finish(): Dataset {
    return finished(this.#builder, this.#answer.text);
  }

  #code(text: string): number {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    const read = readBlock4(cursorOn(text));
    if (typeof read === "string") throw new Error(`${text}: ${read}`); // what is kept was checked
    this.#codes.set(text, read.address);
    return read.address;
  }
}

/** The entries that a zone has now, page by page. Undefined where it was changed meanwhile: whoever asks asks again. */
export async function zoneDataset(
  published: Pick<Published, "entries" | "revision">,
  zone: Pick<ListingZone, "zone" | "code" | "text">,
  now: number,
): Promise<Dataset | undefined> {
  const revision = published.revision();
  const dataset = new EntriesDataset(zone, now);
  for await (const entry of entriesOf(published, zone.zone)) dataset.add(entry);
  return published.revision() === revision ? dataset.finish() : undefined;
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
  const dataset = finished(builder, undefined);
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

function finished(builder: DatasetBuilder, base: string | undefined): Dataset {
  const variables = Array.from({ length: 10 }, () => undefined);
  return builder.finish({
    ties: "first",
    subzones: [""],
    substitutions: { variables, base },
    leftOut() {}, // a subject has one entry
  });
}
