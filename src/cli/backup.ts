/** `gatepost backup` and `gatepost restore`: a whole site as one file, made while it serves. */
import { statSync } from "node:fs";
import type { Command } from "commander";
import { backUpSite, restoreSite } from "../app/index.ts";
import { octetsText } from "../runtime/index.ts";
import { print } from "./output.ts";
import { siteConfig, withConfig, type SiteOptions } from "./site-options.ts";

export function backupCommands(program: Command): void {
  withConfig(program.command("backup <file>"))
    .description(
      "write store, configuration, certificate and key to one file, while the server runs",
    )
    .action((file: string, options: SiteOptions) => {
      backUpSite(siteConfig(options), file);
      print(
        `wrote ${file} (${octetsText(statSync(file).size)}); it holds mail and a key: keep it safe`,
      );
    });

  program
    .command("restore <file>")
    .description("make the site of a backup, where there is none")
    .option("--dir <dir>", "where to", ".")
    .action((file: string, { dir }: { dir: string }) => {
      const restored = restoreSite(file, dir);
      print(`made ${restored.file}`);
      for (const { named, copy } of restored.elsewhere)
        print(
          `note      the configuration names ${named}, which is outside of the site: a copy is ${copy}`,
        );
      print(`start it  gatepost serve --config ${restored.file}`);
    });
}
