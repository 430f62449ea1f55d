/** Collects the reports that come by mail, by the configuration and the directory of each moment. */
import type { Config } from "../config/index.ts";
import { localKey } from "../mail/index.ts";
import type { Log } from "../runtime/index.ts";
import { ReaderThread, ReportCollector } from "../service/reports/index.ts";
import type { Store } from "../store/index.ts";

/** Begins with what waits already. */
export function openCollector(
  { directory, tlsReports }: Store,
  config: () => Config,
  log: Log,
): ReportCollector {
  const collector = new ReportCollector({
    reports: tlsReports,
    reader: new ReaderThread(),
    log,
    isOurs: (domain) =>
      directory.domain(domain) !== undefined ||
      config().relay.domains.some((gateway) => gateway.domain === domain),
    postmaster: () => {
      const { local, host } = config().postmaster;
      if (host.kind === "literal") return undefined;
      return directory.mailbox(localKey(local), host.domain)?.id;
    },
    perDay: () => config().reports.per_day,
  });
  collector.wake();
  return collector;
}
