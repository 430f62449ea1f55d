/** opendmarc as the milter that judges by what opendkim and policyd-spf have found, and refuses what its author's domain wants refused. */
import type { PrivateNetwork } from "../../test/interop/support/private-network.ts";
import { startFilter, type Filter } from "./filter.ts";

/** In the name of a server, whose results it believes. Debian's defaults stand, but for the log. */
export function startOpenDmarc(network: PrivateNetwork, server: string): Promise<Filter> {
  return startFilter(
    "opendmarc",
    ["-f", "-c"],
    (socket) => `AuthservID ${server}
TrustedAuthservIDs ${server}
RejectFailures true
PublicSuffixList /usr/share/publicsuffix/public_suffix_list.dat
Socket local:${socket}
UMask 000
Syslog false
`,
    network,
  );
}
