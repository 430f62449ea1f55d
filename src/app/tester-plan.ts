/** What the tester of a site is by its settings, for the command and for the server; and what it is where there is no site. */
import { readFileSync } from "node:fs";
import { WITHOUT_A_SITE, type LoadedConfig } from "../config/index.ts";
import { formatAddress, type Domain } from "../mail/index.ts";
import { readOptOuts, type OptOuts } from "../operate/tester/index.ts";
import { fileFault, OperatorError } from "../runtime/index.ts";
import type { PlannedListener } from "./listeners.ts";
import { ownMx } from "./own-way-back.ts";
import type { TesterPlan } from "./relay-tester.ts";

/** Nobody's, for ever (RFC 2606 §3): for tests without a site and without a way back. */
const NOBODYS_DOMAIN = "relay-test.example" as Domain; // it is one

export interface PlanWanted {
  /** The tester's domain, instead of the site's own. */
  readonly domain?: Domain | undefined;
  /** Where the site takes mail, where that is known better than by its settings. */
  readonly listeners?: readonly PlannedListener[];
}

/** Throws an OperatorError where the file of those who are not to be tested cannot be read. */
export function sitesTester(
  site: LoadedConfig | undefined,
  { domain, listeners }: PlanWanted = {},
): Omit<TesterPlan, "sink" | "waitMs"> {
  const config = site?.config;
  const { dns, tester } = config ?? WITHOUT_A_SITE;
  const contact = tester.contact ?? (config && formatAddress(config.postmaster));
  const isTaken = tester.domain !== undefined && (domain ?? tester.domain) === tester.domain;
  return {
    ...(config !== undefined && isTaken && { mx: ownMx(config, listeners) }),
    domain: domain ?? tester.domain ?? config?.hostname ?? NOBODYS_DOMAIN,
    ...(contact !== undefined && { contact }),
    dns,
    dailyCap: tester.daily_cap,
    paceMs: tester.pace_ms,
    optOuts: site === undefined ? readOptOuts("") : optOutsOf(site),
  };
}

function optOutsOf(site: LoadedConfig): OptOuts {
  const { opt_out: relative } = site.config.tester;
  if (relative === undefined) return readOptOuts("");
  const file = site.path(relative);
  try {
    return readOptOuts(readFileSync(file, "utf8"));
  } catch (error) {
    throw new OperatorError(`tester.opt_out: ${file}: ${fileFault(error)}`, { cause: error });
  }
}
