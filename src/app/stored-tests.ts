/** The store as the memory of tests: the tester's words on one side, the store's on the other; and the history for whoever asks. */
import {
  resultAsOfNow,
  TOKEN_LIFE_MS,
  type BegunTest,
  type ExpectedCase,
  type Found,
  type KeptTest,
  type Returned,
  type TestMemory,
  type TestResult,
  type Token,
  type TriedCase,
} from "../operate/tester/index.ts";
import { OperatorError, type Clock } from "../runtime/index.ts";
import type { RelayTests, StoredRelayTest, StoredRelayTestCase } from "../store/index.ts";
import { processMark, runningProcess } from "./process-mark.ts";

/** Unfinished tests that are looked through for one that nobody runs. */
const LOOKED_THROUGH = 100;

/**
 * Outcomes of one test that may be on their way to the disk while it goes on: as many flushes fewer it has to wait for, and as many cases
 * are tried again at most, and the one under way, where it is killed.
 */
const UNDER_WAY = 4;

type Outcome = Pick<TriedCase, "grade" | "reason" | "transcript">;

export class StoredTests implements TestMemory {
  readonly #tests: RelayTests;
  readonly #clock: Clock;
  /** This process. */
  readonly #holder = processMark(process.pid) ?? String(process.pid);
  /** The last outcomes of each test, which nobody may have waited for yet. */
  readonly #written = new Map<string, readonly Promise<void>[]>();

  constructor(tests: RelayTests, clock: Clock) {
    this.#tests = tests;
    this.#clock = clock;
  }

  testsSince(about: string, since: number): Promise<number> {
    return this.#tests.countSince(about, since);
  }

  async begin({ asked, ...test }: BegunTest): Promise<void> {
    await this.#tests.begin({ ...test, holder: this.#holder, asked: JSON.stringify(asked) });
  }

  async triedBefore(id: string): Promise<readonly TriedCase[]> {
    return (await this.#tests.cases(id)).flatMap((one) => triedCase(one) ?? []);
  }

  async cutOff(id: string): Promise<readonly ExpectedCase[]> {
    const cases = await this.#tests.cases(id);
    return cases.filter(({ outcome }) => outcome === undefined).map(expectedCase);
  }

  async expects(id: string, expected: readonly ExpectedCase[]): Promise<void> {
    const at = this.#clock.now();
    const rows = expected.map(({ token, ...one }) => ({ token, at, planned: JSON.stringify(one) }));
    await Promise.all([this.#flushed(id), this.#tests.expect(id, rows)]);
  }

  async tried(id: string, { token, grade, reason, transcript }: TriedCase): Promise<void> {
    const outcome: Outcome = { grade, reason, ...(transcript !== undefined && { transcript }) };
    const row = { token, at: this.#clock.now(), outcome: JSON.stringify(outcome) };
    const written = this.#tests.tried(row);
    written.catch(() => undefined); // whoever waits for it is told
    const before = this.#written.get(id) ?? [];
    this.#written.set(id, [...before.slice(1 - UNDER_WAY), written]);
    if (before.length >= UNDER_WAY) await before[0];
  }

  async #flushed(id: string): Promise<void> {
    await Promise.all(this.#written.get(id) ?? []);
    this.#written.delete(id);
  }

  async knows(token: Token): Promise<boolean> {
    return this.#tests.isKnown(token, this.#clock.now() - TOKEN_LIFE_MS);
  }

  async came({ token, kind, at, from, received }: Returned): Promise<void> {
    await this.#tests.came({ token, kind, at, way: JSON.stringify({ from, received }) });
  }

  async returnsOf(id: string): Promise<readonly Returned[]> {
    await this.#flushed(id);
    return (await this.#tests.returns(id)).map(({ token, kind, at, way }) => ({
      ...(JSON.parse(way) as Pick<Returned, "from" | "received">), // as `came` wrote it
      token: token as Token, // so was this
      kind,
      at,
    }));
  }

  async conclude(id: string, found: unknown, endedAt?: number): Promise<void> {
    const end = { found: JSON.stringify(found), ...(endedAt !== undefined && { endedAt }) };
    await this.#flushed(id);
    await this.#tests.conclude(id, end);
  }

  /** The latest first. */
  async list(query: { readonly about?: string; readonly limit: number }) {
    return (await this.#tests.list(query)).map(keptTest);
  }

  /** With what has come back of it until now; without a result where nothing was found yet. Throws an OperatorError where there is none. */
  async show(id: string): Promise<{ readonly test: KeptTest; readonly result?: TestResult }> {
    const test = keptTest(await this.#find(id));
    if (test.found === undefined) return { test };
    const tried = await this.triedBefore(id);
    const [returns, cut] = [await this.returnsOf(id), await this.cutOff(id)];
    return { test, result: resultAsOfNow(test, test.found, tried, { returns, cut }) };
  }

  /** Without its cases; undefined where there is none. */
  async find(id: string): Promise<KeptTest | undefined> {
    const stored = await this.#tests.find(id);
    return stored && keptTest(stored);
  }

  /**
   * Takes over a test that was interrupted: this one, or the last that nobody runs. Throws an OperatorError in words where there is none
   * to go on with.
   */
  async resume(id?: string): Promise<KeptTest> {
    const stored = id === undefined ? await this.#lastUnfinished() : await this.#find(id);
    const test = keptTest(stored);
    if (test.state === "finished")
      throw new OperatorError(
        `test ${test.id} was finished; \`gatepost tests show ${test.id}\` shows it`,
      );
    const pid = runningProcess(stored.holder);
    if (pid !== undefined && stored.holder !== this.#holder)
      throw new OperatorError(`test ${test.id} is still run, by process ${pid}`);
    if (await this.#tests.take(test.id, stored.holder, this.#holder)) return test;
    throw new OperatorError(`somebody else has just gone on with test ${test.id}`);
  }

  async #find(id: string): Promise<StoredRelayTest> {
    const stored = await this.#tests.find(id);
    if (stored !== undefined) return stored;
    throw new OperatorError(
      `there is no test ${id}; \`gatepost tests list\` lists those there are`,
    );
  }

  async #lastUnfinished(): Promise<StoredRelayTest> {
    const unfinished = await this.#tests.list({ unfinished: true, limit: LOOKED_THROUGH });
    const left = unfinished.find(({ holder }) => runningProcess(holder) === undefined);
    if (left !== undefined) return left;
    throw new OperatorError(
      unfinished.length === 0
        ? "there is no unfinished test to go on with"
        : "all unfinished tests are still run by others",
    );
  }
}

function keptTest(stored: StoredRelayTest): KeptTest {
  const { holder, asked, found, ...rest } = stored;
  const isRunning = runningProcess(holder) !== undefined;
  const open = isRunning ? "running" : "unfinished";
  return {
    ...rest,
    state: stored.endedAt === undefined ? open : "finished",
    asked: JSON.parse(asked),
    ...(found !== undefined && { found: JSON.parse(found) as Found }), // as the tester concluded
  };
}

function expectedCase({ token, planned }: StoredRelayTestCase): ExpectedCase {
  const one = JSON.parse(planned) as Omit<ExpectedCase, "token">; // as `expects` wrote it
  return { ...one, token: token as Token };
}

function triedCase(stored: StoredRelayTestCase): TriedCase | undefined {
  if (stored.outcome === undefined) return undefined;
  return { ...expectedCase(stored), ...(JSON.parse(stored.outcome) as Outcome) }; // as `tried` wrote it
}
