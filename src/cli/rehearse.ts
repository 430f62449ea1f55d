/** `gatepost rehearse`: what another configuration would have made of the mail that has come. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { CONFIG_NAME, openDirectory, rehearsalHead, siteJudges, staleFacts } from "../app/index.ts";
import { loadConfig, type LoadedConfig } from "../config/index.ts";
import { rehearsalText, rehearse } from "../operate/journal/index.ts";
import { parseDuration } from "../operate/queue/index.ts";
import { CommandError } from "./exit.ts";
import { print } from "./output.ts";
import { ProgressBar } from "./progress.ts";
import { siteConfig, usualPlace, withSet, type SiteOptions } from "./site-options.ts";

interface RehearseOptions extends Pick<SiteOptions, "set"> {
  readonly config?: string;
  readonly site?: string;
  readonly since: string;
  readonly json?: boolean;
}

/** Milliseconds between two words about how far it is. */

export function rehearseCommand(program: Command): void {
  withSet(program.command("rehearse"))
    .description("judge the mail of the last hours or days again, under another configuration")
    .option(
      "-c, --config <file>",
      "the configuration to try (otherwise the site's own, with --set)",
    )
    .option(
      "--site <file>",
      "the site's own configuration, whose journal it is (otherwise found as by other commands)",
    )
    .option("--since <age>", "how far back, such as 90m, 24h or 7d", "24h")
    .option("--json", "as JSON")
    .action(run);
}

async function run(options: RehearseOptions): Promise<void> {
  const age = parseDuration(options.since);
  if (age === undefined)
    throw new CommandError(`--since ${options.since}: expected an age such as 90m, 24h or 7d`);
  const { site, tried } = configsOf(options);
  const { journal, directory, close } = await openDirectory(site);
  const progress = new ProgressBar();
  try {
    const { stages } = siteJudges(tried, directory);
    const deps = { journal, stages, stale: staleFacts(tried.config) };
    const rehearsed = await rehearse(deps, Date.now() - age, (records) =>
      progress.show(records, undefined, "records of the journal read"),
    );
    progress.clear();
    const head = rehearsalHead(site, tried);
    print(
      options.json === true
        ? JSON.stringify({ ...head, ...rehearsed }, null, 2)
        : rehearsalText(head, rehearsed),
    );
  } finally {
    progress.clear();
    await close();
  }
}

interface Configs {
  /** Whose journal it is. */
  readonly site: LoadedConfig;
  readonly tried: LoadedConfig;
}

/** The site is the one that has the store which the new configuration names; else, where there is no such store, the one that is here. */
function configsOf({ config, site, set = [] }: RehearseOptions): Configs {
  if (config === undefined) {
    const own = siteConfig(site === undefined ? {} : { config: site });
    return { site: own, tried: loadConfig(own.file, set) };
  }
  const tried = loadConfig(config, set);
  if (site !== undefined) return { site: loadConfig(site), tried };
  const places = [usualPlace(), join(dirname(tried.file), CONFIG_NAME)];
  const sites = places
    .filter((place): place is string => place !== undefined && existsSync(place))
    .map((place) => loadConfig(place));
  const owner = sites.find(({ storePath }) => storePath === tried.storePath);
  if (owner !== undefined) return { site: owner, tried };
  if (existsSync(tried.storePath)) return { site: loadConfig(config), tried };
  const [here] = sites;
  if (here !== undefined) return { site: here, tried };
  throw new CommandError(
    `${tried.file} names the store ${tried.storePath}, where there is none; whose journal is meant, --site FILE says`,
  );
}
