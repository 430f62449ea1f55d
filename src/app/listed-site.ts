/** What the page of whoever is listed is made of, where this site publishes lists: its store, and the files that are served. */
import type { Config } from "../config/index.ts";
import { parseIp } from "../mail/index.ts";
import type { ListingZone, Subject } from "../operate/listing/index.ts";
import { ListReader, type FileAnswer, type ListSnapshot } from "../policy/lists/index.ts";
import type { Clock } from "../runtime/index.ts";
import type { Store } from "../store/index.ts";
import { Presses, SeenTests, type ListedSite } from "../web/index.ts";
import { StoredTests } from "./stored-tests.ts";
import { suspectSite } from "./suspect-site.ts";

/** The files of a zone as they are served now. */
export type FilesOf = (zone: ListingZone) => readonly ListSnapshot[];

export interface ListedDeps {
  readonly config: Config;
  readonly store: Pick<Store, "directory" | "published" | "suspects" | "relayTests">;
  readonly publishedFiles: FilesOf;
  readonly clock: Clock;
}

export function listedSite({
  config,
  store,
  publishedFiles,
  clock,
}: ListedDeps): ListedSite | undefined {
  if (config.listing.zone.length === 0) return undefined;
  const tests = new StoredTests(store.relayTests, clock);
  return {
    acts: suspectSite(config, store, clock),
    presses: new Presses(clock),
    seenTests: new SeenTests(clock),
    test: async (id) => {
      if ((await store.relayTests.find(id)) === undefined) return undefined;
      const { test, result } = await tests.show(id);
      const { endedAt } = test;
      return result && { result, ...(endedAt !== undefined && { endedAt }) };
    },
    running: async (id) => {
      const test = await tests.find(id);
      return test?.state === "running" ? { began: test.at, tried: test.tried } : undefined;
    },
    inFiles: (zone, subject) =>
      publishedFiles(zone).flatMap((file) => saidBy(new ListReader(file), subject) ?? []),
  };
}

/** A text alone lists nobody; of a block nothing is said. */
function saidBy(reader: ListReader, subject: Subject): FileAnswer | undefined {
  const ip = subject.kind === "name" ? undefined : parseIp(subject.text);
  const name = subject.kind === "name" && !subject.wild ? reader.name(subject.name) : undefined;
  const said = ip === undefined ? name : reader.address(ip);
  return said === undefined || said.codes.length === 0 ? undefined : said;
}
