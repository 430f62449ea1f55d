/** Who tests hosts that were reported: the site's tester, with the store's memory, by the configuration of each moment. */
import type { LoadedConfig } from "../config/index.ts";
import type { Examiner, TestOnRecord, TestOrder } from "../operate/suspects/index.ts";
import type { KeptTest } from "../operate/tester/index.ts";
import type { Resolver } from "../protocol/dns/index.ts";
import { OperatorError } from "../runtime/index.ts";
import type { PlannedListener } from "./listeners.ts";
import { RelayTester } from "./relay-tester.ts";
import type { StoredTests } from "./stored-tests.ts";
import { sitesTester } from "./tester-plan.ts";

/** Milliseconds for which messages that were taken are waited for. What comes later is judged when it comes. */
const WAIT_MS = 10_000;

/** Milliseconds for one host, on all its ports: whoever draws out each reply would keep others from being tested. A server that is not slow takes less than one of these hours. */
const LONGEST_MS = 4 * 3_600_000;

export interface ExaminerDeps {
  readonly loaded: LoadedConfig;
  /** Those that are open. */
  readonly listeners: readonly PlannedListener[];
  readonly tests: StoredTests;
  readonly resolver: Resolver;
  readonly stopped: () => boolean;
}

export function suspectExaminer(deps: ExaminerDeps): Examiner {
  const { tests } = deps;
  return {
    test: (order) => test(deps, order),
    recall: (id) => recall(tests, id),
    aboutOf: async (id) => (await tests.find(id))?.about,
  };
}

async function test(
  { loaded, listeners, tests, resolver, stopped }: ExaminerDeps,
  { ip, ports, cause, resumes, begun }: TestOrder,
): Promise<string | undefined> {
  const plan = { ...sitesTester(loaded, { listeners }), waitMs: WAIT_MS };
  const lasting = { resolve: resolver.resolve.bind(resolver), close() {} }; // it is the server's
  const tester = await RelayTester.open(plan, tests, lasting);
  try {
    const resumed = resumes === undefined ? undefined : await tests.resume(resumes);
    const { id } = await tester.test({
      target: { kind: "host", host: ip },
      name: ip,
      ports,
      knowledge: {},
      mine: false,
      cause,
      begun,
      stopped,
      longestMs: LONGEST_MS / ports.length,
      asked: { suspect: ip },
      ...(resumed !== undefined && { resumed }),
    });
    return stopped() ? undefined : id;
  } finally {
    await tester.close();
  }
}

async function recall(tests: StoredTests, id: string): Promise<TestOnRecord | undefined> {
  const shown = await tests.show(id).catch(notKept);
  if (shown === undefined) return undefined;
  const { test: one, result } = shown;
  return { ...recordOf(one), ...(result !== undefined && { result }) };
}

function recordOf({ state, at, endedAt }: KeptTest): TestOnRecord {
  const ended = endedAt === undefined ? {} : { endedAt };
  return { finished: state === "finished", begunAt: at, ...ended };
}

function notKept(error: unknown): undefined {
  if (!(error instanceof OperatorError)) throw error;
}
