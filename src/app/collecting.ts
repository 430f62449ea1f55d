/** Collects the reports that come by mail, by the configuration and the directory of each moment. */
import type { Config } from "../config/index.ts";
import { ipReach, type Ip } from "../mail/index.ts";
import { machineAddresses } from "../net/index.ts";
import { reportSuspect } from "../operate/suspects/index.ts";
import { systemClock, type Log } from "../runtime/index.ts";
import { ReaderThread, relayKeeper, ReportCollector, tlsKeeper } from "../service/reports/index.ts";
import type { Store } from "../store/index.ts";
import { postmasterMailbox } from "./postmaster.ts";
import { suspectSite } from "./suspect-site.ts";

/** Begins with what waits already. */
export function openCollector(store: Store, config: () => Config, log: Log): ReportCollector {
  const { directory, reportMails, tlsReports } = store;
  const reader = new ReaderThread();
  const collector = new ReportCollector({
    mails: reportMails,
    keepTls: tlsKeeper({
      reports: tlsReports,
      reader,
      log,
      isOurs: (domain) =>
        directory.domain(domain) !== undefined ||
        config().relay.domains.some((gateway) => gateway.domain === domain),
      perDay: () => config().reports.per_day,
    }),
    keepRelays: relayKeeper({
      mails: reportMails,
      reader,
      log,
      hostname: () => config().hostname,
      isOurs: (ip) => isOurs(ip, config()),
      report: async ({ host, by, sample }) => {
        const cause = { kind: "sample", ...sample } as const;
        const site = suspectSite(config(), store, systemClock);
        const result = await reportSuspect(site, { host, origin: "mail", by, cause });
        return typeof result === "string" ? result : undefined;
      },
    }),
    rest: () => reader.rest(),
    log,
    postmaster: () => postmasterMailbox(config(), directory)?.id,
  });
  collector.wake();
  return collector;
}

/** What such a host hands on, or is on the way within, it has from somebody else. */
function isOurs(ip: Ip, { listing, relay, listed }: Config): boolean {
  if (!listing.special_ranges && ipReach(ip) !== "public") return true;
  const trusted = [...relay.networks.map(({ network }) => network), ...listed.trusted_hops];
  return machineAddresses().includes(ip) || trusted.some((block) => block.contains(ip));
}
