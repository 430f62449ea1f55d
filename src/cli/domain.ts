/** `gatepost domain …`: the domains that this server takes mail for. */
import type { Command } from "commander";
import type { Administration } from "../app/index.ts";
import { displayDomain, parseDomain } from "../mail/index.ts";
import { recordsCommand } from "./domain-records.ts";
import { domainKeyCommands } from "./domain-keys.ts";
import { settle } from "./settle.ts";
import { inDirectory, withConfig, type SiteOptions } from "./site-options.ts";
import { print, printRows } from "./output.ts";

export function domainCommands(program: Command): void {
  const domain = program.command("domain").description("the domains this server takes mail for");

  withConfig(domain.command("add <domain>"))
    .description("take mail for a domain (proved before it is committed)")
    .action((name: string, options: SiteOptions) =>
      inDirectory(options, async ({ administration }) => {
        settle(await administration.domains.add(name));
        const there = elsewhere(name, administration);
        print(
          there === undefined
            ? `added ${name}; mail for postmaster@${name} and abuse@${name} goes to the postmaster`
            : `added ${name}; its mailboxes are at ${there}, here it has aliases alone`,
        );
        print(`it has DKIM keys; \`gatepost domain keys ${name}\` shows the records to publish`);
      }),
    );

  listCommand(domain);
  withConfig(domain.command("set <domain>"))
    .description("set or drop the mailbox that takes what no other name takes")
    .option("--catch-all <address>", "the mailbox")
    .option("--no-catch-all", "have none")
    .action((name: string, options: SiteOptions & { catchAll?: string | false }) =>
      inDirectory(options, async ({ administration }) => {
        const { catchAll } = options;
        if (catchAll === undefined)
          return print("nothing to set; see `gatepost domain set --help`");
        settle(
          await administration.domains.setCatchAll(name, catchAll === false ? null : catchAll),
        );
        print(
          catchAll === false ? `${name} has no catch-all` : `${catchAll} takes the rest of ${name}`,
        );
      }),
    );

  recordsCommand(domain.command("records <domain>"));
  domainKeyCommands(domain);

  withConfig(domain.command("remove <domain>"))
    .description("take no more mail for a domain; it must have no mailboxes and aliases")
    .action((name: string, options: SiteOptions) =>
      inDirectory(options, async ({ administration }) => {
        settle(await administration.domains.remove(name));
        const there = elsewhere(name, administration);
        print(
          there === undefined
            ? `removed ${name}`
            : `removed ${name}; mail for its mailboxes still goes to ${there} (setting relay.domains)`,
        );
      }),
    );
}

function listCommand(domain: Command): void {
  withConfig(domain.command("list"))
    .description("all domains")
    .option("--json", "as JSON")
    .action((options: SiteOptions & { json?: boolean }) =>
      inDirectory(options, ({ administration, directory }) => {
        const rows = directory.domains().map(({ name, catchAll }) => {
          const caught = catchAll === undefined ? undefined : directory.mailboxById(catchAll);
          return {
            domain: name,
            shown: displayDomain(name),
            mailboxes: administration.domains.mailboxesElsewhere(name) ?? "here",
            "catch-all": caught === undefined ? null : `${caught.local}@${caught.domain}`,
          };
        });
        printRows(
          rows,
          options.json === true,
          "no domains; `gatepost domain add example.org` adds one",
        );
      }),
    );
}

function elsewhere(name: string, administration: Administration): string | undefined {
  const domain = parseDomain(name);
  return domain && administration.domains.mailboxesElsewhere(domain);
}
