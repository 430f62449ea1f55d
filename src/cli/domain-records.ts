/** `gatepost domain records`: the DNS records of a domain, for its zone file; or whether they are in the DNS. */
import type { Command } from "commander";
import { checkDomain, domainFacts } from "../app/index.ts";
import {
  findingsText,
  needsMending,
  publicationJson,
  recordsOf,
  zoneText,
  type DomainFacts,
} from "../operate/doctor/index.ts";
import type { LoadedConfig } from "../config/index.ts";
import { print } from "./output.ts";
import { inDirectory, siteConfig, withConfig, withSet, type SiteOptions } from "./site-options.ts";

interface RecordsOptions extends SiteOptions {
  readonly check?: boolean;
  readonly json?: boolean;
}

export function recordsCommand(command: Command): void {
  withSet(withConfig(command))
    .description("the DNS records of a domain, ready for its zone file")
    .option("--check", "ask the DNS whether they are there; ends with 1 where one is not or wrong")
    .option("--json", "as JSON")
    .action(async (name: string, options: RecordsOptions) => {
      const loaded = siteConfig(options);
      const facts = await inDirectory(options, ({ directory }) =>
        domainFacts(loaded, directory, name),
      );
      if (options.check === true) return check(facts, loaded, options.json === true);
      const records = recordsOf(facts);
      print(
        options.json === true
          ? JSON.stringify(records.map(publicationJson), null, 2)
          : zoneText(records, facts),
      );
    });
}

async function check(facts: DomainFacts, loaded: LoadedConfig, json: boolean): Promise<void> {
  const findings = await checkDomain(facts, loaded);
  print(json ? JSON.stringify(findings, null, 2) : findingsText(findings));
  if (needsMending(findings)) process.exitCode = 1;
}
