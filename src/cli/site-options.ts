/** Which site a command is about: `--config`, or the place where a site usually is. */
import { existsSync } from "node:fs";
import type { Command } from "commander";
import { openDirectory, type DirectorySession } from "../app/index.ts";
import { loadConfig, type LoadedConfig } from "../config/index.ts";
import { CommandError } from "./exit.ts";

export interface SiteOptions {
  readonly config?: string;
  readonly set?: readonly string[];
}

const USUAL_PLACES = ["gatepost.toml", "data/gatepost.toml", "/etc/gatepost/gatepost.toml"];

export function withConfig(command: Command): Command {
  return command.option(
    "-c, --config <file>",
    `configuration (otherwise the first of ${USUAL_PLACES.join(", ")})`,
  );
}

export function withSet(command: Command): Command {
  return command.option("--set <key=value>", "override a setting; may be given again", collect, []);
}

/** Collects an option that may be given more than once. */
export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** Where a site usually is, and is; undefined: nowhere. */
export function usualPlace(): string | undefined {
  return USUAL_PLACES.find((place) => existsSync(place));
}

/** The site that is named, or is at the usual place; undefined where there is none and none was named. */
export function siteConfigIfAny(options: SiteOptions): LoadedConfig | undefined {
  const isSome = options.config !== undefined || usualPlace() !== undefined;
  return isSome ? siteConfig(options) : undefined;
}

/** Behind a command that is printed, where it is about the same site. */
export function ofSite({ config }: SiteOptions): string {
  return config === undefined ? "" : ` --config ${config}`;
}

export function siteConfig(options: SiteOptions): LoadedConfig {
  const file = options.config ?? usualPlace();
  if (file !== undefined) return loadConfig(file, options.set ?? []);
  throw new CommandError(
    `there is no site here (looked for ${USUAL_PLACES.join(", ")}); make one with \`gatepost init\`, or name one with --config`,
  );
}

/** Runs with the site's directory open, and closes it whatever happens. */
export async function inDirectory<Result>(
  options: SiteOptions,
  run: (session: DirectorySession) => Promise<Result> | Result,
): Promise<Result> {
  const session = await openDirectory(siteConfig(options));
  try {
    return await run(session);
  } finally {
    await session.close();
  }
}
