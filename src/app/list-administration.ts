/** The published lists of a site, open for one command beside a server that may be running. */
import type { LoadedConfig } from "../config/index.ts";
import { formatByName, ListReader, type FileAnswer } from "../policy/lists/index.ts";
import { parseIp } from "../mail/index.ts";
import type { ListingZone, Subject } from "../operate/listing/index.ts";
import type { SuspectSite } from "../operate/suspects/index.ts";
import { systemClock } from "../runtime/index.ts";
import { readInThread } from "../service/lists/index.ts";
import type { ListQuestions } from "../store/index.ts";
import { isServed, openSqliteStore } from "../store/sqlite/index.ts";
import { StoredTests } from "./stored-tests.ts";
import { suspectSite } from "./suspect-site.ts";

export interface ListAdministration {
  readonly site: SuspectSite;
  readonly questions: ListQuestions;
  readonly tests: StoredTests;
  /** A server runs, which tests whom it is asked to. */
  readonly isServed: () => boolean;
  /** What a zone's files say about one address or name. */
  readonly inFiles: (zone: ListingZone, subject: Subject) => Promise<readonly InFile[]>;
  readonly close: () => Promise<void>;
}

export interface InFile {
  readonly file: string;
  /** Below the zone, where it is not the zone itself that the file says it of. */
  readonly subzone?: string;
  /** What it says; left out: nothing. */
  readonly answer?: FileAnswer;
  /** Why that is not known. */
  readonly problem?: string;
}

export async function openListAdministration(loaded: LoadedConfig): Promise<ListAdministration> {
  const { config, storePath } = loaded;
  const store = await openSqliteStore({ path: storePath, exclusive: false });
  return {
    site: suspectSite(config, store, systemClock),
    isServed: () => isServed(storePath),
    questions: store.listQuestions,
    tests: new StoredTests(store.relayTests, systemClock),
    inFiles: ({ files }, subject) =>
      Promise.all(files.map((file) => inFile(loaded.path(file), subject))).then((all) =>
        all.flat(),
      ),
    close: () => store.close(),
  };
}

async function inFile(file: string, subject: Subject): Promise<readonly InFile[]> {
  const reading = await readInThread({ path: file, format: formatByName(file) ?? "auto" });
  if (reading.kind === "unreadable") return [{ file, problem: reading.problem }];
  const { snapshot, refusal } = reading.parsed;
  if (snapshot === undefined) return [{ file, problem: refusal ?? "nothing of it can be read" }];
  const all = [...new Set(snapshot.datasets.flatMap(({ subzones }) => subzones))].map((subzone) => {
    const answer = answerOf(new ListReader(snapshot, subzone), subject);
    return { file, ...(subzone !== "" && { subzone }), ...(answer !== undefined && { answer }) };
  });
  const saying = all.filter(({ answer }) => answer !== undefined);
  return saying.length > 0 ? saying : [{ file }];
}

/** About a block nothing: a file answers for addresses. */
function answerOf(reader: ListReader, subject: Subject): FileAnswer | undefined {
  if (subject.kind === "name") return subject.wild ? undefined : reader.name(subject.name);
  const ip = parseIp(subject.text);
  return ip && reader.address(ip);
}
