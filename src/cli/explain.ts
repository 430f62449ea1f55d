/** `gatepost explain`: why a session, a message, an address or a host was treated as it was. */
import type { Command } from "commander";
import { explain } from "../operate/journal/index.ts";
import { print } from "./output.ts";
import { inDirectory, withConfig, type SiteOptions } from "./site-options.ts";

export function explainCommand(program: Command): void {
  withConfig(program.command("explain <id-or-address-or-ip>"))
    .description("what happened in a session and why; or the last sessions of an address or a host")
    .option("--json", "as JSON")
    .action((subject: string, options: SiteOptions & { json?: boolean }) =>
      inDirectory(options, async ({ journal }) => {
        print(await explain(journal, subject, options.json === true));
      }),
    );
}
