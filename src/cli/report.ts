/** `gatepost report …`: TLS between this server and others, as they report it and as it was seen here; who wrote, and how well that was known; whom this server told of what failed. */
import { InvalidArgumentError, Option, type Command } from "commander";
import { parseDomain, type Domain } from "../mail/index.ts";
import { backscatterReport, identityReport, tlsReport } from "../operate/reports/index.ts";
import { systemClock } from "../runtime/index.ts";
import { CommandError } from "./exit.ts";
import { print } from "./output.ts";
import { inDirectory, withConfig, type SiteOptions } from "./site-options.ts";

const DAYS = 7;
const SINCE_DAYS = 30;

interface TlsOptions extends SiteOptions {
  readonly domain?: Domain;
  readonly days: number;
  readonly received?: boolean;
  readonly sent?: boolean;
  readonly json?: boolean;
}

export function reportCommands(program: Command): void {
  const report = program
    .command("report")
    .description("what is reported to this server, and seen by it");
  sinceCommand(
    report,
    "identity",
    "how well it was known who wrote here, and what each bar would have refused",
    identityReport,
  );
  sinceCommand(
    report,
    "backscatter",
    "reports of non-delivery by this server: to whom, and what was kept from whom",
    backscatterReport,
  );
  withConfig(report.command("tls"))
    .description("TLS with other mail servers: what failed, where, and what to do about it")
    .option("--domain <domain>", "a domain of this site, or one that mail was sent to", domain)
    .option("--days <number>", "how many days back, today among them (UTC)", days, DAYS)
    .option("--received", "only what others report about their mail to us")
    .option("--sent", "only what was seen here when mail was sent")
    .option("--json", "as JSON")
    .action((options: TlsOptions) =>
      inDirectory(options, async (store) => {
        const query = {
          ...(options.domain !== undefined && { domain: options.domain }),
          days: options.days,
          about: aboutOf(options),
          now: systemClock.now(),
        };
        print(await tlsReport(store, query, options.json === true));
      }),
    );
}

interface SinceOptions extends SiteOptions {
  readonly since: number;
  readonly json?: boolean;
}

/** One that looks so many days back. */
function sinceCommand(
  report: Command,
  name: string,
  description: string,
  text: typeof identityReport | typeof backscatterReport,
): void {
  withConfig(report.command(name))
    .description(description)
    .addOption(
      new Option("--since <days>", "how far back, as 30d; today among them (UTC)")
        .argParser(daysBack)
        .default(SINCE_DAYS, `${SINCE_DAYS}d`),
    )
    .option("--json", "as JSON")
    .action((options: SinceOptions) =>
      inDirectory(options, async (store) => {
        const query = { days: options.since, now: systemClock.now() };
        print(await text(store, query, options.json === true));
      }),
    );
}

function daysBack(text: string): number {
  const [, digits] = /^([1-9][0-9]{0,3})d$/.exec(text) ?? [];
  if (digits !== undefined) return Number(digits);
  throw new InvalidArgumentError("expected days such as 30d, 1d to 9999d");
}

function aboutOf({ received, sent }: TlsOptions): "received" | "sent" | "both" {
  if (received === true && sent === true)
    throw new CommandError(
      "--received and --sent are each other's opposite; leave both out for all",
    );
  if (received === true) return "received";
  return sent === true ? "sent" : "both";
}

function domain(text: string): Domain {
  const name = parseDomain(text);
  if (name !== undefined) return name;
  throw new InvalidArgumentError("expected a domain such as example.org");
}

function days(text: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count >= 1 && count <= 10_000) return count;
  throw new InvalidArgumentError("expected a whole number from 1 to 10000");
}
