/** What is wrong with a configuration: which file, which key, what was expected instead. */
import { OperatorError } from "../runtime/index.ts";

export interface ConfigProblem {
  /** Dotted, as `--set` takes it; empty for the file as a whole. */
  readonly key: string;
  readonly problem: string;
}

export class ConfigError extends OperatorError {
  override readonly name = "ConfigError";
  readonly file: string;
  readonly problems: readonly ConfigProblem[];

  constructor(file: string, problems: readonly ConfigProblem[], cause?: unknown) {
    const lines = problems.map(({ key, problem }) => `  ${key === "" ? "" : `${key}: `}${problem}`);
    super(`${file} cannot be used:\n${lines.join("\n")}`, { cause });
    this.file = file;
    this.problems = problems;
  }
}
