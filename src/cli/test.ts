/** `gatepost test`: is a mail server an open relay? Exit code 0 closed, 1 open, 2 neither proved nor disproved, or not tested. */
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { openDirectory, proveSite, RelayTester, type TestWanted } from "../app/index.ts";
import { entryLines, errorText, OperatorError, Turns } from "../runtime/index.ts";
import {
  summary,
  parsePorts,
  parseTarget,
  testJson,
  testReport,
  transcripts,
  type Verdict,
} from "../operate/tester/index.ts";
import { CommandError } from "./exit.ts";
import { print } from "./output.ts";
import { ProgressBar } from "./progress.ts";
import { siteConfig, withConfig, type SiteOptions } from "./site-options.ts";
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
    .option("--self", "this site: its own proof, without a network")
    .option("--json", "as JSON")
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT.inconclusive))
    .action(async (host: string | undefined, options: TestOptions & SiteOptions) => {
      try {
        process.exitCode = EXIT[await run(host, options)];
      } catch (error) {
        if (!(error instanceof OperatorError)) throw error;
        process.stderr.write(`gatepost: ${errorText(error)}\n`);
        process.exitCode = EXIT.inconclusive;
      }
    });
}

const EXIT: Readonly<Record<Verdict, number>> = { closed: 0, open: 1, inconclusive: 2 };

async function run(host: string | undefined, options: TestOptions & SiteOptions): Promise<Verdict> {
  if (options.self === true) return testSelf(options);
  const tester = await RelayTester.open(testerPlan(options));
  try {
    return options.targets === undefined
      ? await testOne(tester, host, options)
      : await testMany(tester, options.targets, options);
  } finally {
    await tester.close();
  }
}

async function testOne(
  tester: RelayTester,
  host: string | undefined,
  options: TestOptions,
): Promise<Verdict> {
  const bar = new ProgressBar();
  const { vector } = options;
  const result = await interruptibly((stopped) =>
    tester.test({
      ...wantedTarget(host, options),
      ...common(options),
      progress: (done, of, title) => bar.show(done, of, title),
      stopped,
      ...(vector !== undefined && { everyTranscript: true }),
    }),
  );
  bar.clear();
  if (vector !== undefined && result.endpoints.every(({ cases }) => cases.length === 0))
    throw new CommandError(
      `${vector}: there is no such vector, or it cannot be tried from outside`,
    );
  if (options.json === true) print(JSON.stringify(testJson(result), null, 2));
  else print(testReport(result) + (vector === undefined ? "" : `\n${transcripts(result)}`));
  return result.verdict;
}

/** Ctrl-C asks it to stop and to say what it has; a second one ends the program. */
async function interruptibly<Result>(
  work: (stopped: () => boolean) => Promise<Result>,
): Promise<Result> {
  let stopped = false;
  const stop = (): void => {
    if (stopped) process.exit(130);
    stopped = true;
  };
  process.on("SIGINT", stop);
  try {
    return await work(() => stopped);
  } finally {
    process.off("SIGINT", stop);
  }
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
async function testMany(tester: RelayTester, file: string, options: TestOptions): Promise<Verdict> {
  const targets = targetsIn(file);
  const bar = new ProgressBar();
  const atOnce = Math.max(1, wholeNumber(options.connections, "--connections"));
  const verdicts = new Set<Verdict>();
  let done = 0;
  const turns = new Turns({ atOnce, waiting: targets.length });
  await interruptibly((stopped) => {
    const test = async (name: string): Promise<void> => {
      const line = stopped()
        ? notTested(name, `${name}: interrupted before its turn`)
        : await lineOf(tester, name, options, stopped);
      verdicts.add(line.verdict);
      bar.clear();
      print(options.json === true ? JSON.stringify(line.json) : line.text);
      bar.show(++done, targets.length, name);
    };
    return Promise.all(targets.map(async (name) => turns.run(() => test(name))));
  });
  bar.clear();
  if (verdicts.has("open")) return "open";
  return verdicts.has("inconclusive") ? "inconclusive" : "closed";
}

async function lineOf(
  tester: RelayTester,
  name: string,
  options: TestOptions,
  stopped: () => boolean,
) {
  try {
    const target = parseTarget(name);
    const result = await tester.test({ target, name, ...common(options), stopped });
    return { verdict: result.verdict, text: summary(result).join(" "), json: testJson(result) };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    const [problem = ""] = errorText(error).split("\n");
    return notTested(name, problem);
  }
}

function notTested(target: string, problem: string) {
  const json = { target, verdict: "inconclusive", problem };
  return { verdict: "inconclusive", text: `Not tested: ${problem}`, json } as const;
}

function targetsIn(file: string): readonly string[] {
  try {
    return entryLines(readFileSync(file, "utf8")).map(({ text }) => text);
  } catch (error) {
    throw new CommandError(`--targets ${file}: ${errorText(error)}`);
  }
}

/** The same words, and the proof's own report: a server that can be asked from inside is asked everything. */
async function testSelf(options: TestOptions & SiteOptions): Promise<Verdict> {
  const loaded = siteConfig(options);
  const session = await openDirectory(loaded);
  try {
    const proof = await proveSite(loaded.config, session.directory);
    const verdict = proof.holds ? "closed" : "open";
    const { hostname } = loaded.config;
    if (options.json === true)
      print(JSON.stringify({ target: hostname, verdict, proof: proof.report }, null, 2));
    else print(`${selfHeadline(hostname, proof.holds)}\n\n${proof.report}`);
    return verdict;
  } finally {
    await session.close();
  }
}

function selfHeadline(hostname: string, holds: boolean): string {
  return holds
    ? `Closed: ${hostname} refused everything that it must refuse, on every listener.`
    : `OPEN RELAY: ${hostname} would carry mail that it must not; it would open no port.`;
}
