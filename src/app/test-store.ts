/** Where tests are kept: in the site's store, beside its server; or, where there is no site, in a small one of whoever tests. */
import { mkdirSync, existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { WITHOUT_A_SITE, type LoadedConfig } from "../config/index.ts";
import { errorText, OperatorError, systemClock } from "../runtime/index.ts";
import { openSqliteStore } from "../store/sqlite/index.ts";
import { StoreInUse, type Store } from "../store/index.ts";
import { StoredTests } from "./stored-tests.ts";

export interface TestStore {
  readonly tests: StoredTests;
  readonly close: () => Promise<void>;
}

const DAY_MS = 86_400_000;

/** How often, and after how many milliseconds, it is tried again while another command makes the same file. */
const TRIES = 50;
const TRY_AGAIN_MS = 100;

/** The file of whoever tests without a site (XDG Base Directory Specification: relative paths do not count). */
export function ownTestsFile(environment: NodeJS.ProcessEnv = process.env): string {
  const { XDG_STATE_HOME: state = "" } = environment;
  const base = isAbsolute(state) ? state : join(homedir(), ".local", "state");
  return join(base, "gatepost", "tests.db");
}

/** Throws an OperatorError that names the file where it cannot be opened or written. */
export async function openTestStore(site: LoadedConfig | undefined): Promise<TestStore> {
  const path = site?.storePath ?? ownTestsFile();
  try {
    if (site === undefined) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const store = await opened(path);
    const tests = new StoredTests(store.relayTests, systemClock);
    return { tests, close: () => (site === undefined ? tidied(store) : store.close()) };
  } catch (error) {
    throw new OperatorError(`${path}: ${errorText(error)}`, { cause: error });
  }
}

/** The same to read in; undefined where whoever asks has never kept one. */
export async function openTestHistory(
  site: LoadedConfig | undefined,
): Promise<TestStore | undefined> {
  return site === undefined && !existsSync(ownTestsFile()) ? undefined : openTestStore(site);
}

async function opened(path: string): Promise<Store> {
  for (let tries = 1; ; tries++) {
    try {
      return await openSqliteStore({ path, exclusive: false });
    } catch (error) {
      if (!(error instanceof StoreInUse) || tries === TRIES) throw error;
      await wait(TRY_AGAIN_MS);
    }
  }
}

/** No server does it. */
async function tidied(store: Store): Promise<void> {
  try {
    await store.relayTests.prune(systemClock.now() - WITHOUT_A_SITE.tester.days * DAY_MS);
  } finally {
    await store.close();
  }
}
