/** `gatepost list suspects`: all hosts that were reported, and what became of each. */
import { Option, type Command } from "commander";
import type { ListAdministration } from "../app/index.ts";
import { visible } from "../mail/index.ts";
import { keptSuspect, STANDINGS } from "../operate/suspects/index.ts";
import { inLists, minuteText, type ListOptions } from "./list-site.ts";
import { print, printRows, type Row } from "./output.ts";
import { withConfig } from "./site-options.ts";
import { known, suspectJson, type Known } from "./suspect.ts";

const PAGE = 500;

interface SuspectsOptions extends ListOptions {
  readonly standing?: string;
}

export function listSuspectsCommand(list: Command): void {
  withConfig(list.command("suspects"))
    .description("hosts that were reported as open relays, and what became of each")
    .addOption(new Option("--standing <standing>", "of these alone").choices(STANDINGS))
    .option("--json", "as JSON")
    .action((options: SuspectsOptions) => inLists(options, (lists) => show(lists, options)));
}

async function show(
  { site }: ListAdministration,
  { standing, json }: SuspectsOptions,
): Promise<void> {
  const all: Known[] = [];
  for (let after = ""; ;) {
    const of = standing === undefined ? {} : { standing };
    const page = await site.suspects.list({ ...of, after, limit: PAGE });
    for (const stored of page) {
      const one = await known(site, keptSuspect(stored).ip);
      if (one !== undefined) all.push(one);
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) break;
    after = last.ip;
  }
  if (json === true) print(JSON.stringify(all.map(suspectJson), null, 2));
  else printRows(all.map(rowOf), false, standing === undefined ? "nobody was reported" : `nobody is ${standing}`); // prettier-ignore
}

function rowOf({ suspect, listed }: Known): Row {
  const { ip, standing, last, asked, testing, due, held, why } = suspect;
  return {
    host: ip,
    standing,
    listed,
    tested: last === undefined ? null : minuteText(last.at),
    next: asked !== undefined || testing !== undefined ? "now" : (due ?? null) && minuteText(due ?? 0),
    why: held === undefined ? visible(why) : `held: ${visible(held)}`,
  }; // prettier-ignore
}
