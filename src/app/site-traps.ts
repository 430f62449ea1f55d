/** The traps of a configuration, as receiving asks for them. */
import type { Config } from "../config/index.ts";
import { formatAddress, localKey, type Domain } from "../mail/index.ts";
import { suspectAddress, type TrapReports } from "../operate/suspects/index.ts";
import type { Traps } from "../service/receive/index.ts";
import type { Store } from "../store/index.ts";
import { systemClock } from "../runtime/index.ts";
import { suspectSite } from "./suspect-site.ts";

/** Undefined: there are none. */
export function siteTraps(config: Config, store: Store, reports: TrapReports): Traps | undefined {
  const traps = new Map(
    (config.suspects?.traps ?? []).flatMap((address) =>
      address.host.kind === "domain"
        ? [[key({ local: localKey(address.local), domain: address.host.domain }), formatAddress(address)] as const] // prettier-ignore
        : [],
    ),
  );
  if (traps.size === 0) return undefined;
  const site = suspectSite(config, store, systemClock);
  return {
    watches: (ip) => suspectAddress(site, ip).kind === "ip",
    isTrap: (mailbox) => traps.has(key(mailbox)),
    caught: ({ ip, trap, sample }) => {
      const address = traps.get(key(trap));
      if (address !== undefined) void reports.report(site, { ip, trap: address, sample });
    },
  };
}

/** `local` is a local key. */
function key({ local, domain }: { readonly local: string; readonly domain: Domain }): string {
  return `${local}@${domain}`;
}
