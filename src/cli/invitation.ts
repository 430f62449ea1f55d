/** What the commands share that make a certificate: for how long, where to, and a word where no port asks for one. */
import type { Command } from "commander";
import { asksForCertificates, type ServiceName } from "../app/index.ts";
import { CommandError } from "./exit.ts";
import { print } from "./output.ts";
import { siteConfig, type SiteOptions } from "./site-options.ts";

export interface InvitationOptions extends SiteOptions {
  readonly days: string;
  readonly out?: string;
}

export function withInvitation(command: Command): Command {
  return command
    .option("--days <days>", "how long the certificate is good", String(USUAL_DAYS))
    .option("--out <dir>", "where its files are written (otherwise a directory of its name)");
}

export function invitationOf({ days, out }: InvitationOptions): {
  readonly days: number;
  readonly out?: string;
} {
  return { days: daysOf(days), ...(out !== undefined && { out }) };
}

/** Else an operator wonders for a long time. `services`: where it could be shown; the first is named. */
export function printUnasked(
  options: SiteOptions,
  services: readonly [ServiceName, ...ServiceName[]],
): void {
  if (asksForCertificates(siteConfig(options), services)) return;
  print(
    `no port asks for it yet: write ${services[0]} = [{ address = "…", client_certificate = "ask" }] into [listen]`,
  );
}

/** CA/Browser Forum's longest life of a certificate until 2020: long enough to forget nobody, short enough to practise a change. */
const USUAL_DAYS = 825;
const DAYS_LIMIT = 3650;

function daysOf(text: string): number {
  const days = /^[0-9]{1,4}$/.test(text) ? Number(text) : 0;
  if (days >= 1 && days <= DAYS_LIMIT) return days;
  throw new CommandError(`--days ${text}: expected a number from 1 to ${DAYS_LIMIT}`);
}
