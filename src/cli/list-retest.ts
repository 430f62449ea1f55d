/** `gatepost list retest`: a test at once of a host that is listed or was reported. With --wait: exit code 0 off the list and clean, 1 listed or open, 2 not known. */
import { setTimeout as wait } from "node:timers/promises";
import type { Command } from "commander";
import type { ListAdministration } from "../app/index.ts";
import { visible, type Ip } from "../mail/index.ts";
import { requestTest, type Suspect } from "../operate/suspects/index.ts";
import { author, inLists, minuteText, type ListOptions } from "./list-site.ts";
import { NOT_SERVED } from "./list-report.ts";
import { print } from "./output.ts";
import { ProgressBar } from "./progress.ts";
import { valueOr } from "./settle.ts";
import { ofSite, withConfig } from "./site-options.ts";
import { known, nextText, suspectJson, type Known } from "./suspect.ts";

interface RetestOptions extends ListOptions {
  readonly wait?: boolean;
}

const EXIT = { off: 0, listed: 1, unknown: 2 } as const;

/** Milliseconds between two looks, and looks between two whether a server still runs. */
const LOOK_MS = 200;
const SERVED_LOOKS = 10;

export function listRetestCommand(list: Command): void {
  withConfig(list.command("retest <host>"))
    .description("have a host tested at once; a clean test takes it off the list")
    .option("--wait", "until the result is there; exit code 0 off the list, 1 listed or open, 2 not known")
    .option("--json", "as JSON")
    .action((host: string, options: RetestOptions) =>
      inLists(options, (lists) => retest(lists, host, options)),
    ); // prettier-ignore
}

async function retest(
  lists: ListAdministration,
  host: string,
  options: RetestOptions,
): Promise<void> {
  const { ip, last } = valueOr(await requestTest(lists.site, { host, asker: "operator", by: author() })); // prettier-ignore
  const now = options.wait === true ? await waited(lists, ip) : await known(lists.site, ip);
  if (now === undefined) return;
  if (options.json === true) print(JSON.stringify(suspectJson(now), null, 2));
  else if (now.suspect.asked !== undefined)
    print(`${ip}: ${lists.isServed() ? nextText(now) : NOT_SERVED}`);
  else print(resultText(now, last?.id, options));
  if (options.wait === true) process.exitCode = exitOf(now);
}

/** Until nobody waits for a test any more, or nobody is there to make one. */
async function waited(lists: ListAdministration, ip: Ip): Promise<Known | undefined> {
  const bar = new ProgressBar();
  for (let looks = 0; ; looks++) {
    const now = await known(lists.site, ip);
    const isOver = now?.suspect.asked === undefined;
    if (isOver || (looks % SERVED_LOOKS === 0 && !lists.isServed())) {
      bar.clear();
      return now;
    }
    bar.show(await tries(lists, now.suspect), undefined, `tries at ${ip}`);
    await wait(LOOK_MS);
  }
}

async function tries({ tests }: ListAdministration, { testing }: Suspect): Promise<number> {
  if (testing === undefined) return 0;
  return (await tests.find(testing))?.tried ?? 0;
}

function resultText(now: Known, before: string | undefined, options: RetestOptions): string {
  const { suspect, listed } = now;
  const { ip, last, standing, why, held, due, cleanSince } = suspect;
  if (last === undefined || last.id === before) return `${ip} was not tested: ${visible(why)}`;
  const found = `${ip}: ${standing}: ${visible(why)}`;
  const stays =
    cleanSince === undefined || due === undefined ? "listed" : `listed until ${minuteText(due)}, because it was before`;
  const where = held === undefined ? (listed ? stays : "not listed") : `not listed: ${visible(held)}`;
  return `${found}\nIt is ${where}.\nKept: gatepost tests show ${last.id}${ofSite(options)}`;
} // prettier-ignore

function exitOf({ suspect, listed }: Known): number {
  if (suspect.asked !== undefined) return EXIT.unknown;
  if (listed || suspect.standing === "proved") return EXIT.listed;
  return suspect.standing === "clean" ? EXIT.off : EXIT.unknown;
}
