/** From a file to a checked configuration. Every fault is found at once and named by its key. */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parse, TomlError } from "smol-toml";
import type { z } from "zod";
import { applyOverride, parseOverride, valueAt, type Table } from "./overrides.ts";
import { ConfigError, type ConfigProblem } from "./problem.ts";
import { configSchema, type Config } from "./schema.ts";

/** A configuration and where it stands; relative paths in it count from its directory. */
export interface LoadedConfig {
  readonly file: string;
  readonly config: Config;
  /** An absolute path for one that the file named. */
  path(relative: string): string;
  /** The store's file. */
  readonly storePath: string;
  /** Somebody has written this dotted key; else it is the default that counts. */
  writes(key: string): boolean;
  /** The same with one setting changed. Throws a ConfigError where it cannot be so. */
  changed(key: string, value: unknown): LoadedConfig;
}

/** Reads and checks; throws a ConfigError. `overrides` are `KEY=VALUE` texts, later ones win. */
export function loadConfig(fileName: string, overrides: readonly string[] = []): LoadedConfig {
  const file = resolve(fileName);
  return check(
    file,
    overrides.reduce((so, text) => override(file, so, text), readTable(file)),
  );
}

function check(file: string, table: Table): LoadedConfig {
  const checked = configSchema.safeParse(table);
  if (!checked.success) throw new ConfigError(file, checked.error.issues.flatMap(problemsOf));
  const path = (relative: string): string => resolve(dirname(file), relative);
  const config = checked.data;
  return {
    file,
    config,
    path,
    storePath: path(config.store.slice("sqlite:".length)),
    writes: (key) => valueAt(table, key.split(".")) !== undefined,
    changed: (key, value) => check(file, applyOverride(table, key.split("."), value)),
  };
}

function readTable(file: string): Table {
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new ConfigError(file, [{ key: "", problem: fileProblem(error) }], error);
  }
}

function fileProblem(error: unknown): string {
  if (error instanceof TomlError) {
    const [problem = ""] = error.message.replace(/^Invalid TOML document: /, "").split("\n", 1);
    return `line ${error.line}, column ${error.column}: ${problem}`;
  }
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "there is no such file; `gatepost init` makes a site";
  return error instanceof Error ? error.message : String(error);
}

function override(file: string, table: Table, text: string): Table {
  const parsed = parseOverride(text);
  if (parsed === undefined)
    throw new ConfigError(file, [
      { key: "", problem: `--set ${text}: expected KEY=VALUE, such as limits.recipients=200` },
    ]);
  return applyOverride(table, parsed.path, parsed.value);
}

function problemsOf(issue: z.core.$ZodIssue): ConfigProblem[] {
  const key = issue.path.join(".");
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((name) => ({
      key: [...issue.path, name].join("."),
      problem: "there is no such setting",
    }));
  if (issue.code === "invalid_union") {
    // The branch that came furthest is the one that was meant.
    const branches = issue.errors.map((errors) => errors.flatMap(problemsOf));
    const meant = branches.toSorted((a, b) => longest(b) - longest(a))[0] ?? [];
    return meant.map((inner) => ({
      key: [key, inner.key].filter((part) => part !== "").join("."),
      problem: inner.problem,
    }));
  }
  return [{ key, problem: words(issue) }];
}

/** What was expected, without the library's heading. */
function words({ message }: z.core.$ZodIssue): string {
  const expected = message.replace(/^(?:Invalid input|Invalid option|Too small|Too big): /, "");
  const missing = /^(.*), received undefined$/.exec(expected);
  return missing === null ? expected : `it is missing; ${missing[1]}`;
}

function longest(problems: readonly ConfigProblem[]): number {
  return Math.max(0, ...problems.map(({ key }) => key.length));
}
