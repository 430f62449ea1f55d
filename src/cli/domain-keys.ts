/** `gatepost domain keys` and `gatepost domain rotate`: the keys with which a domain signs (DKIM), and what is to be published of them. */
import type { Command } from "commander";
import { parseDomain, type Domain } from "../mail/index.ts";
import { publicKeyRecord } from "../service/signing/index.ts";
import type { DirectoryReads, DkimKeyEntry } from "../store/index.ts";
import { CommandError } from "./exit.ts";
import { print, printRows } from "./output.ts";
import { settle } from "./settle.ts";
import { inDirectory, withConfig, type SiteOptions } from "./site-options.ts";

export function domainKeyCommands(domain: Command): void {
  withConfig(domain.command("keys <domain>"))
    .description("its DKIM keys, and the TXT records to publish")
    .option("--json", "as JSON")
    .action((name: string, options: SiteOptions & { json?: boolean }) =>
      inDirectory(options, ({ directory }) => {
        const of = ours(name, directory);
        printRows(
          directory.dkimKeys(of).map((key) => keyRow(key, of)),
          options.json === true,
          `no DKIM keys; \`gatepost domain rotate ${name}\` makes them`,
        );
      }),
    );

  withConfig(domain.command("rotate <domain>"))
    .description("make new DKIM keys beside those that sign; publish them, then --finish")
    .option("--finish", "the new keys are published: sign with them from now on")
    .action((name: string, options: SiteOptions & { finish?: boolean }) =>
      inDirectory(options, async ({ administration, directory }) => {
        if (options.finish === true) {
          settle(await administration.domains.finishDkimRotation(name));
          print(finishedText(name, directory.dkimKeys(ours(name, directory))));
        } else {
          settle(await administration.domains.rotateDkimKeys(name));
          const of = ours(name, directory);
          print(begunText(name, of, directory.dkimKeys(of)));
        }
      }),
    );
}

function ours(name: string, directory: DirectoryReads): Domain {
  const domain = parseDomain(name);
  if (domain !== undefined && directory.domain(domain) !== undefined) return domain;
  throw new CommandError(`there is no domain ${name}`);
}

function keyRow(key: DkimKeyEntry, domain: Domain) {
  return {
    selector: key.selector,
    algorithm: key.algorithm,
    state: key.state,
    made: day(key.createdAt),
    "published until": key.state === "retired" ? day(key.publishedUntil) : null,
    name: recordName(key, domain),
    txt: publicKeyRecord(key),
  };
}

/** A domain's first keys sign already; others wait. */
function begunText(name: string, domain: Domain, keys: readonly DkimKeyEntry[]): string {
  const waiting = keys.filter(({ state }) => state === "published");
  const made = waiting.length > 0 ? waiting : keys.filter(({ state }) => state === "signing");
  const records = made.map((key) => `${recordName(key, domain)} TXT ${publicKeyRecord(key)}`);
  const next =
    waiting.length > 0
      ? `when everybody can see them, a day later to be safe: \`gatepost domain rotate ${name} --finish\``
      : "they sign from now on; until they are published nobody can check the signatures";
  return [`made new DKIM keys for ${name}; publish:`, ...records, next].join("\n");
}

function finishedText(name: string, keys: readonly DkimKeyEntry[]): string {
  const signing = keys.filter(({ state }) => state === "signing");
  const retired = keys.flatMap((key) =>
    key.state === "retired"
      ? [`keep the record of ${key.selector} until ${day(key.publishedUntil)}`]
      : [],
  );
  const selectors = signing.map(({ selector }) => selector).join(" and ");
  return [`${name} signs with ${selectors} from now on`, ...retired].join("\n");
}

function recordName({ selector }: DkimKeyEntry, domain: Domain): string {
  return `${selector}._domainkey.${domain}`;
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
