/** `gatepost lookup`: what every list says of an address or a name, now. */
import type { Command } from "commander";
import { keptHealth, lookUpInLists } from "../app/index.ts";
import { lookupSubject, type LookedUp } from "../operate/lists/index.ts";
import { CommandError } from "./exit.ts";
import { print, printRows, type Row } from "./output.ts";
import { inDirectory, siteConfig, withConfig, type SiteOptions } from "./site-options.ts";

export function lookupCommand(program: Command): void {
  withConfig(program.command("lookup <ip-or-domain>"))
    .description("what every list says of an address or a name, and how the lists are")
    .option("--json", "as JSON")
    .action((text: string, options: SiteOptions & { json?: boolean }) =>
      inDirectory(options, async (store) => {
        const subject = lookupSubject(text);
        if (subject === undefined)
          throw new CommandError(
            `"${text}" is neither an address nor a domain; expected one such as 192.0.2.7 or example.org`,
          );
        const found = await lookUpInLists(siteConfig(options), subject, (list) =>
          list.source === "file" ? "file" : (keptHealth(list, store)?.health.state ?? "unproven"),
        );
        if (options.json === true) return print(JSON.stringify(found, null, 2));
        const kind = subject.kind === "address" ? "addresses" : "names";
        printRows(found.map(row), false, `no list of ${kind}; the setting [[lists]] names some`);
        const words = found.flatMap((one) =>
          one.text === null ? [] : [`${one.list}: ${one.text}`],
        );
        if (words.length > 0) print(`\n${words.join("\n")}`);
      }),
    );
}

function row({ list, mode, answer, codes, meanings, weight, health, ms }: LookedUp): Row {
  return {
    list,
    answer,
    codes: codes.length === 0 ? null : codes,
    meaning: meanings.length === 0 ? null : meanings,
    weight,
    mode,
    health,
    ms,
  };
}
