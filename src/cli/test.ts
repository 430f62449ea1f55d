/** `gatepost test`: is a mail server an open relay? Exit code 0 closed, 1 open, 2 neither proved nor disproved, or not tested. */
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { RelayTester, type TestWanted } from "../app/index.ts";
import { entryLines, errorText, OperatorError, Turns } from "../runtime/index.ts";
import {
  isWhole,
  summary,
  testFindings,
  parsePorts,
  parseTarget,
  testJson,
  testReport,
  transcripts,
  untestedFindings,
  worstVerdict,
  type KeptTest,
  type TestResult,
  type Verdict,
} from "../operate/tester/index.ts";
import { CommandError } from "./exit.ts";
import { print } from "./output.ts";
import { Interruption } from "./interruption.ts";
import { ProgressBar } from "./progress.ts";
import { ReportFiles } from "./report-files.ts";
import { ofSite, withConfig } from "./site-options.ts";
import { openMemory, type OpenedMemory } from "./test-memory.ts";
import { askedAgain, checkAlone, whatIsAsked, type Question } from "./test-resume.ts";
import { testSelf } from "./test-self.ts";
import { knowledgeOf, testerPlan, wantedTarget, type TestOptions } from "./test-options.ts";

export function testCommand(program: Command): void {
  withConfig(program.command("test [host]"))
    .description(
      "is a mail server an open relay? Every known trick, and proof by a message that comes back",
    )
    .option(
      "--domain <domain>",
      "a domain that the server serves; without a host: all servers of its MX records",
    )
    .option(
      "--mailbox <address>",
      "a mailbox there that test messages may be written to: for smuggling and receipts",
    )
    .option(
      "--ports <list>",
      "such as 25,465,587,2525; a port behind the host is the only one",
      "25",
    )
    .option("--mine", "the server is mine, and may be tested")
    .option(
      "--sink <host:port>",
      "listen here for messages that come back; mail for the tester's domain must lead to it",
    )
    .option(
      "--tester-domain <domain>",
      "the domain that messages are addressed to; otherwise [tester] domain, or the host name",
    )
    .option("--wait <seconds>", "how long to wait for messages that were taken", "10")
    .option(
      "--pace <ms>",
      "milliseconds between two tries; otherwise 0 for private networks, [tester] pace_ms for others",
    )
    .option("--vector <id>", "this one alone, such as R30, with everything that was said")
    .option("--targets <file>", "servers, one a line, tested side by side; one line for each")
    .option("--connections <number>", "servers of --targets that are tested at once", "10")
    .option(
      "--resume [id]",
      "go on with a test that was interrupted, or with the last one; nothing is tried twice",
    )
    .option("--self", "this site: its own proof, without a network")
    .option("--json", "as JSON")
    .option("--html <file>", 'one page with everything, for people; "-" is standard output')
    .option("--junit <file>", "the same for continuous integration, as JUnit's XML")
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT.inconclusive))
    .action(async (host: string | undefined, options: Question["options"], command: Command) => {
      try {
        if (options.resume !== undefined) checkAlone(host, command);
        process.exitCode = EXIT[await run(host, options)];
      } catch (error) {
        if (!(error instanceof OperatorError)) throw error;
        process.stderr.write(`gatepost: ${errorText(error)}\n`);
        process.exitCode = EXIT.inconclusive;
      }
    });
}

const EXIT: Readonly<Record<Verdict, number>> = { closed: 0, open: 1, inconclusive: 2 };

async function run(host: string | undefined, options: Question["options"]): Promise<Verdict> {
  const files = new ReportFiles(options);
  if (options.self === true) return testSelf(options, files);
  const memory = await openMemory(options);
  try {
    if (options.resume === undefined) return await runIn(memory, files, { host, options });
    const resumed = await memory.resume(options.resume === true ? undefined : options.resume);
    return await runIn(memory, files, askedAgain(resumed, options), resumed);
  } finally {
    await memory.close();
  }
}

interface Running {
  readonly options: Question["options"];
  readonly files: ReportFiles;
  readonly interruption: Interruption;
  readonly isKept: boolean;
  /** How one server is tested so that its test can be interrupted, and gone on with. */
  readonly test: (
    wanted: Omit<TestWanted, "asked">,
    host: string | undefined,
  ) => Promise<TestResult>;
}

async function runIn(
  { memory, isKept }: OpenedMemory,
  files: ReportFiles,
  { host, options }: Question,
  resumed?: KeptTest,
): Promise<Verdict> {
  const { mx, ...plan } = testerPlan(options);
  // What is not kept the site's server does not know of.
  const seen = isKept && mx !== undefined && { mx };
  const tester = await RelayTester.open({ ...plan, ...seen }, memory);
  const interruption = new Interruption(options);
  const test: Running["test"] = async (wanted, name) => {
    const result = await tester.test({
      ...wanted,
      asked: whatIsAsked(name, options, plan.domain),
      stopped: () => interruption.stopped,
      ...(isKept && { begun: (id: string) => interruption.begun(id) }),
      ...(resumed !== undefined && { resumed }),
    });
    if (isWhole(result) && !interruption.stopped) interruption.finished(result.id);
    return result;
  };
  const running: Running = { options, files, interruption, isKept, test };
  try {
    return options.targets === undefined
      ? await testOne(host, running)
      : await testMany(options.targets, running);
  } finally {
    await tester.close();
    interruption.end();
    files.write(plan.contact === undefined ? plan.domain : `${plan.domain} (${plan.contact})`);
  }
}

async function testOne(
  host: string | undefined,
  { options, files, isKept, test }: Running,
): Promise<Verdict> {
  const bar = new ProgressBar();
  const { vector } = options;
  const wanted = {
    ...wantedTarget(host, options),
    ...common(options),
    progress: (done: number, of: number, title: string) => bar.show(done, of, title),
    ...((vector !== undefined || options.html !== undefined) && { everyTranscript: true }),
  };
  const result = await files.orUntested(test(wanted, host), wanted.name);
  bar.clear();
  if (vector !== undefined && result.endpoints.every(({ cases }) => cases.length === 0))
    throw new CommandError(
      `${vector}: there is no such vector, or it cannot be tried from outside`,
    );
  files.add(testFindings(result));
  if (options.json === true) print(JSON.stringify(testJson(result), null, 2));
  else if (!files.ownsOutput) {
    print(testReport(result) + (vector === undefined ? "" : `\n${transcripts(result)}`));
    if (isKept) print(`\nKept: gatepost tests show ${result.id}${ofSite(options)}`);
  }
  return result.verdict;
}

function common(options: TestOptions): Omit<TestWanted, "target" | "name"> {
  const { vector, pace, ports } = options;
  return {
    ports: parsePorts(ports),
    knowledge: knowledgeOf(options),
    mine: options.mine === true,
    ...(pace !== undefined && { paceMs: wholeNumber(pace, "--pace") }),
    ...(vector !== undefined && { only: ({ id }) => id.toLowerCase() === vector.toLowerCase() }),
  };
}

function wholeNumber(text: string, option: string): number {
  if (/^[0-9]{1,7}$/.test(text)) return Number(text);
  throw new CommandError(`${option} ${text}: expected a whole number`);
}

/** The worst of them is the verdict. */
async function testMany(file: string, running: Running): Promise<Verdict> {
  const { options, files, interruption } = running;
  const targets = targetsIn(file);
  const bar = new ProgressBar();
  const atOnce = Math.max(1, wholeNumber(options.connections, "--connections"));
  const verdicts = new Set<Verdict>();
  let done = 0;
  const turns = new Turns({ atOnce, waiting: targets.length });
  const test = async (name: string): Promise<void> => {
    const line = interruption.stopped
      ? notTested(name, `${name}: interrupted before its turn`)
      : await lineOf(name, running);
    verdicts.add(line.verdict);
    files.add(line.findings);
    bar.clear();
    if (options.json === true) print(JSON.stringify(line.json));
    else if (!files.ownsOutput) print(line.text);
    bar.show(++done, targets.length, name);
  };
  await Promise.all(targets.map(async (name) => turns.run(() => test(name))));
  bar.clear();
  return worstVerdict(verdicts);
}

async function lineOf(name: string, { options, test }: Running) {
  try {
    const target = parseTarget(name);
    const result = await test({ target, name, ...common(options) }, name);
    return {
      verdict: result.verdict,
      text: summary(result).join(" "),
      json: testJson(result),
      findings: testFindings(result),
    };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    const [problem = ""] = errorText(error).split("\n");
    return notTested(name, problem);
  }
}

function notTested(target: string, problem: string) {
  const json = { target, verdict: "inconclusive", problem };
  const findings = untestedFindings(target, problem);
  return { verdict: "inconclusive", text: findings.headline, json, findings } as const;
}

function targetsIn(file: string): readonly string[] {
  try {
    return entryLines(readFileSync(file, "utf8")).map(({ text }) => text);
  } catch (error) {
    throw new CommandError(`--targets ${file}: ${errorText(error)}`);
  }
}
