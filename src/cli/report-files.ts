/**
 * `--html FILE` and `--junit FILE`: reports of a test in a form for others. Promises: a file that cannot be written is said before the
 * test begins, and one of an earlier test stays as it is until there is a new one.
 */
import { closeSync, existsSync, openSync, unlinkSync, writeFileSync } from "node:fs";
import {
  htmlReport,
  junitReport,
  untestedFindings,
  type Findings,
  type ReportMaker,
} from "../operate/tester/index.ts";
import { errorText, OperatorError } from "../runtime/index.ts";
import { CommandError } from "./exit.ts";
import { print } from "./output.ts";
import { version } from "./version.ts";

export interface ReportOptions {
  readonly html?: string;
  readonly junit?: string;
  readonly json?: boolean;
}

const STANDARD_OUTPUT = "-";

export class ReportFiles {
  readonly #options: ReportOptions;
  readonly #began = Date.now();
  readonly #found: Findings[] = [];
  /** A report goes to standard output: nothing else does. */
  readonly ownsOutput: boolean;

  /** Throws a CommandError where a report could not be written. */
  constructor(options: ReportOptions) {
    const { html, junit, json } = options;
    this.#options = options;
    const printed = [html === STANDARD_OUTPUT, junit === STANDARD_OUTPUT, json === true];
    this.ownsOutput = html === STANDARD_OUTPUT || junit === STANDARD_OUTPUT;
    if (this.ownsOutput && printed.filter((is) => is).length > 1)
      throw new CommandError(
        "only one of --html -, --junit - and --json can be on standard output",
      );
    if (html !== undefined) tryFile(html, "--html");
    if (junit !== undefined) tryFile(junit, "--junit");
  }

  get isWanted(): boolean {
    return this.#options.html !== undefined || this.#options.junit !== undefined;
  }

  add(findings: Findings): void {
    if (this.isWanted) this.#found.push(findings);
  }

  /** Where there is no test, the reports say why as well. */
  async orUntested<Result>(testing: Promise<Result>, name: string): Promise<Result> {
    try {
      return await testing;
    } catch (error) {
      if (error instanceof OperatorError) this.add(untestedFindings(name, errorText(error)));
      throw error;
    }
  }

  /** `by`: who tested. Where nothing was found out nothing is written. Throws a CommandError where a report cannot be written after all. */
  write(by: string): void {
    if (this.#found.length === 0) return;
    const { html, junit } = this.#options;
    const [began, ended] = [this.#began, Date.now()];
    const maker: ReportMaker = { program: `Gatepost ${version()}`, by, began, ended };
    if (html !== undefined) writeReport(html, "--html", htmlReport(this.#found, maker));
    if (junit !== undefined) writeReport(junit, "--junit", junitReport(this.#found, began));
  }
}

/** It is opened, which alone tells; one that was not there is none afterwards either. */
function tryFile(file: string, option: string): void {
  if (file === STANDARD_OUTPUT) return;
  try {
    const isNew = !existsSync(file);
    closeSync(openSync(file, "a"));
    if (isNew) unlinkSync(file);
  } catch (error) {
    throw new CommandError(`${option} ${file}: ${errorText(error)}`);
  }
}

function writeReport(file: string, option: string, text: string): void {
  if (file === STANDARD_OUTPUT) return print(text.trimEnd());
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new CommandError(`${option} ${file}: ${errorText(error)}`);
  }
}
