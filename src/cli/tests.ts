/** `gatepost tests …`: the history of tests of other servers, with what has come back until now. */
import type { Command } from "commander";
import { openTestHistory, type TestStore } from "../app/index.ts";
import {
  aboutOf,
  keptJson,
  keptReport,
  parseTarget,
  transcripts,
  verdictAsOfNow,
  type KeptTest,
  type TestResult,
} from "../operate/tester/index.ts";
import { errorText, OperatorError } from "../runtime/index.ts";
import { CommandError } from "./exit.ts";
import { print, printRows, type Row } from "./output.ts";
import { siteConfigIfAny, withConfig, type SiteOptions } from "./site-options.ts";

interface ListOptions extends SiteOptions {
  readonly target?: string;
  readonly limit: string;
  readonly json?: boolean;
}

interface ShowOptions extends SiteOptions {
  readonly vector?: string;
  readonly json?: boolean;
}

/** It could not be found out: called wrongly, or there is no such test. */
const EXIT_NOT_SHOWN = 2;

export function testsCommands(program: Command): void {
  const tests = program
    .command("tests")
    .description("tests of other servers that were made with `gatepost test`");
  withConfig(tests.command("list"))
    .description("the latest first, each with what it says as of now")
    .option("--target <host>", "of this server alone, or of this domain")
    .option("--limit <number>", "so many of them", "50")
    .option("--json", "as JSON")
    .action((options: ListOptions) => shown(() => list(options)));
  withConfig(tests.command("show <id>"))
    .description("its report, with what has come back until now, and the SHA-256 of its evidence")
    .option("--vector <id>", "what was said of this one, such as R30, as far as it was kept")
    .option("--json", "as JSON")
    .action((id: string, options: ShowOptions) => shown(() => show(id, options)));
}

async function shown(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    process.stderr.write(`gatepost: ${errorText(error)}\n`);
    process.exitCode = EXIT_NOT_SHOWN;
  }
}

async function inHistory<Result>(
  options: SiteOptions,
  read: (tests: TestStore["tests"]) => Promise<Result>,
): Promise<Result | undefined> {
  const history = await openTestHistory(siteConfigIfAny(options));
  if (history === undefined) return undefined;
  try {
    return await read(history.tests);
  } finally {
    await history.close();
  }
}

async function list({ target, limit, json, ...site }: ListOptions): Promise<void> {
  if (!/^[1-9][0-9]{0,5}$/.test(limit))
    throw new CommandError(`--limit ${limit}: expected a number from 1 on`);
  const query = {
    limit: Number(limit),
    ...(target !== undefined && { about: aboutOf(parseTarget(target)) }),
  };
  const found = (await inHistory(site, (tests) => tests.list(query))) ?? [];
  const none = target === undefined ? "no tests yet" : `no tests of ${target}`;
  printRows(found.map(json === true ? jsonRow : row), json === true, none);
}

function row(test: KeptTest): Row {
  const { id, target, at, state, tried, relays, reports } = test;
  return {
    id,
    target,
    began: `${new Date(at).toISOString().slice(0, 16).replace("T", " ")}Z`,
    verdict: verdictAsOfNow(test),
    state,
    tries: tried,
    "came back": relays,
    reports,
  };
}

function jsonRow(test: KeptTest): Row {
  const { id, about, target, at, endedAt, state, tried, relays, reports } = test;
  return {
    id,
    target,
    server: about,
    began: new Date(at).toISOString(),
    ended: endedAt === undefined ? null : new Date(endedAt).toISOString(),
    verdict: verdictAsOfNow(test),
    state,
    tries: tried,
    cameBack: relays,
    reports,
  };
}

async function show(id: string, { vector, json, ...site }: ShowOptions): Promise<void> {
  const kept = await inHistory(site, (tests) => tests.show(id));
  if (kept === undefined) throw new CommandError(`there is no test ${id}, and no other yet`);
  const { test, result } = kept;
  const wanted = vector === undefined ? result : only(vector, id, result);
  if (json === true) print(JSON.stringify(keptJson(test, result, wanted), null, 2));
  else if (vector !== undefined && wanted !== undefined) print(transcripts(wanted).trimStart());
  else print(keptReport(test, result));
}

/** Its cases of that vector alone. */
function only(vector: string, id: string, result: TestResult | undefined): TestResult | undefined {
  const named = (text: string): boolean => text.toLowerCase() === vector.toLowerCase();
  const endpoints = (result?.endpoints ?? []).map((endpoint) => ({
    ...endpoint,
    cases: endpoint.cases.filter((one) => named(one.vector)),
  }));
  if (result === undefined || endpoints.every(({ cases }) => cases.length === 0))
    throw new CommandError(`${vector}: test ${id} has not tried it`);
  return { ...result, endpoints };
}
