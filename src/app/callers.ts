/** Who they are that have shown a certificate: by the peers of the site, and by the authorities that this machine trusts. */
import type { Config } from "../config/index.ts";
import { trustedAuthorities } from "../net/index.ts";
import {
  anchorsOf,
  callerFacts,
  callerOf,
  loadCertificateReader,
} from "../policy/identity/index.ts";
import type { Clock } from "../runtime/index.ts";
import { NO_CALLERS, type Callers } from "../service/receive/index.ts";
import { plannedListeners } from "./listeners.ts";

/** Nothing is loaded for it where no listener asks. */
export async function openCallers(config: Config, clock: Clock): Promise<Callers> {
  if (!plannedListeners(config).some(({ asksCertificate }) => asksCertificate)) return NO_CALLERS;
  const reader = await loadCertificateReader();
  const anchors = anchorsOf(trustedAuthorities());
  return {
    peers: () => NO_CALLERS.peers(),
    judge: (shown, peers) => {
      const caller = callerOf(shown, { peers, anchors, now: clock.now(), reader });
      const [own] = shown;
      return { caller, ...(own !== undefined && { facts: callerFacts(own, caller, reader) }) };
    },
  };
}
