/** Who tests hosts, and remembers tests; and what attending to a host needs beside it. */
import type { Ip } from "../../mail/index.ts";
import type { Log } from "../../runtime/index.ts";
import type { TestCause } from "../tester/index.ts";
import type { Examined } from "./conclusion.ts";
import type { TestsAbout } from "./entries.ts";
import type { SuspectSettings } from "./settings.ts";
import type { SuspectSite } from "./site.ts";
import type { Caps } from "./test-cause.ts";

/** A test as the memory has it. */
export interface TestOnRecord {
  /** Nobody goes on with it. */
  readonly finished: boolean;
  readonly begunAt: number;
  readonly endedAt?: number;
  /** Absent where it ended before anything was seen. */
  readonly result?: Examined["result"];
}

export interface TestOrder {
  readonly ip: Ip;
  readonly ports: readonly number[];
  readonly cause: TestCause;
  /** Goes on with this one. */
  readonly resumes?: string;
  readonly begun: (id: string) => void;
}

/** Who tests, and remembers tests. */
export interface Examiner extends TestsAbout {
  /** Its id; undefined where it was interrupted. Throws NotTested. */
  test(order: TestOrder): Promise<string | undefined>;
  /** Undefined where it is not kept any more. */
  recall(id: string): Promise<TestOnRecord | undefined>;
}

export interface Attending {
  readonly site: SuspectSite;
  readonly settings: SuspectSettings;
  readonly tester: Caps["tester"];
  readonly examiner: Examiner;
  readonly log: Log;
}
