/** `gatepost alias …`: names that lead to mailboxes. */
import type { Command } from "commander";
import { everyAlias } from "../app/index.ts";
import { print, printRows } from "./output.ts";
import { settle } from "./settle.ts";
import { inDirectory, withConfig, type SiteOptions } from "./site-options.ts";

export function aliasCommands(program: Command): void {
  const alias = program.command("alias").description("names that lead to mailboxes");

  for (const [verb, description] of [
    ["add", "make an alias (proved before it is committed)"],
    ["set", "point an alias elsewhere"],
  ] as const)
    withConfig(alias.command(`${verb} <address> <target...>`))
      .description(description)
      .action((address: string, targets: string[], options: SiteOptions) =>
        inDirectory(options, async ({ administration }) => {
          settle(await administration.setAlias(address, targets, verb));
          print(`${address} leads to ${targets.join(", ")}`);
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
        settle(await administration.removeAlias(address));
        print(`removed ${address}`);
      }),
    );
}
