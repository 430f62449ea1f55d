/** `gatepost list brake`: whether a list is stopped because it grew too fast, and how it goes on. */
import type { Command } from "commander";
import { brakes, releaseBrakes } from "../operate/listing/index.ts";
import {
  author,
  inLists,
  isoText,
  minuteText,
  NO_LIST,
  zoneOf,
  type ListOptions,
} from "./list-site.ts";
import { print, printRows } from "./output.ts";
import { valueOr } from "./settle.ts";
import { withConfig } from "./site-options.ts";

const PULLED = `
Look at \`gatepost list suspects\` and \`list log\`; where they are right:
\`gatepost list brake release\``;
const RELEASED = `Hosts that it held are tried again within five minutes;
\`gatepost list retest\` has one tried at once.`;

interface ReleaseOptions extends ListOptions {
  readonly zone?: string;
  readonly why: string;
}

export function listBrakeCommands(list: Command): void {
  const brake = withConfig(list.command("brake"))
    .description("whether a list lists nobody by itself because it grew too fast")
    .option("--json", "as JSON")
    .action((options: ListOptions) =>
      inLists(options, ({ site }) => {
        const all = brakes(site);
        const json = options.json === true;
        const time = json ? isoText : (at: number | undefined) => at === undefined ? null : minuteText(at); // prettier-ignore
        const rows = all.map(({ zone, pulled }) => ({
          zone,
          brake: pulled === undefined ? "free" : "pulled",
          since: time(pulled?.at),
          why: pulled?.why ?? null,
        }));
        printRows(rows, json, NO_LIST);
        if (!json && all.some(({ pulled }) => pulled !== undefined)) print(PULLED);
      }),
    );
  withConfig(brake.command("release"))
    .description("let it go: you have looked, and what was listed is right")
    .option("--zone <zone>", "of this list alone")
    .option("--why <text>", "for the record", "looked at, and right")
    .option("--json", "as JSON")
    .action((_: ListOptions, command: Command) => {
      const options = command.optsWithGlobals<ReleaseOptions>();
      return inLists(options, async (lists) => {
        const { zone, why } = options;
        const zones = zone === undefined ? lists.site.settings.zone : [zoneOf(lists, zone)];
        const released = valueOr(await releaseBrakes(lists.site, zones, { by: author(), why }));
        if (options.json === true) print(JSON.stringify({ released }, null, 2));
        else print(`released: ${released.join(", ")}\n${RELEASED}`);
      });
    });
}
