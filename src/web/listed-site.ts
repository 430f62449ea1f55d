/** What the page of whoever is listed is made of. Whoever knows the site (app) hands it in. */
import type { ListingZone, Subject } from "../operate/listing/index.ts";
import type { SuspectSite } from "../operate/suspects/index.ts";
import type { TestResult } from "../operate/tester/index.ts";
import type { FileAnswer } from "../policy/lists/index.ts";
import type { RunningTest } from "./listed-view.ts";
import type { Presses } from "./presses.ts";
import type { SeenTests } from "./seen-tests.ts";

/** A test that is kept, with what has come back of it until now. */
export interface KeptResult {
  readonly result: TestResult;
  /** Milliseconds since 1970; absent while it has no end. */
  readonly endedAt?: number;
}

export interface ListedSite {
  readonly acts: SuspectSite;
  readonly presses: Presses;
  readonly seenTests: SeenTests;
  /** Undefined: it is kept no longer, or has not seen the server yet. */
  test(id: string): Promise<KeptResult | undefined>;
  /** Undefined: nobody runs that test. */
  running(id: string): Promise<RunningTest | undefined>;
  /** Each file that is served with a zone and lists somebody. */
  inFiles(zone: ListingZone, subject: Subject): readonly FileAnswer[];
}
