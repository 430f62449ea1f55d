/** `gatepost alias …`: names that lead to mailboxes, and to addresses elsewhere. */
import type { Command } from "commander";
import { everyAlias, leadsAbroad } from "../app/index.ts";
import { print, printRows } from "./output.ts";
import { settle } from "./settle.ts";
import { inDirectory, siteConfig, withConfig, type SiteOptions } from "./site-options.ts";

export function aliasCommands(program: Command): void {
  const alias = program
    .command("alias")
    .description("names that lead to mailboxes, and to addresses elsewhere");

  for (const [verb, description] of [
    ["add", "make an alias (proved before it is committed)"],
    ["set", "point an alias elsewhere"],
  ] as const)
    withConfig(alias.command(`${verb} <address> <target...>`))
      .description(description)
      .action((address: string, targets: string[], options: SiteOptions) =>
        inDirectory(options, async ({ administration, directory }) => {
          settle(await administration.aliases.set(address, targets, verb));
          print(`${address} leads to ${targets.join(", ")}`);
          const abroad = targets.filter(leadsAbroad(siteConfig(options).config, directory));
          if (abroad.length > 0)
            print(
              `mail for it leaves this server for ${abroad.join(", ")}: no domain of that name is here`,
            );
        }),
      );

  withConfig(alias.command("list"))
    .description("all aliases")
    .option("--json", "as JSON")
    .action((options: SiteOptions & { json?: boolean }) =>
      inDirectory(options, ({ directory }) => {
        const rows = [...everyAlias(directory)].map(({ local, domain, targets }) => ({
          alias: `${local}@${domain}`,
          targets,
        }));
        printRows(
          rows,
          options.json === true,
          "no aliases; `gatepost alias add sales@example.org you@example.org` makes one",
        );
      }),
    );

  withConfig(alias.command("remove <address>"))
    .description("remove an alias")
    .action((address: string, options: SiteOptions) =>
      inDirectory(options, async ({ administration }) => {
        settle(await administration.aliases.remove(address));
        print(`removed ${address}`);
      }),
    );
}
