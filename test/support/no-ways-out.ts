/** For desks of which nothing leaves: nobody is trusted, nothing is signed; a row in the queue and a report wait for ever. */
import type { ReceiveDeps } from "../../src/service/receive/index.ts";

export const NO_WAYS_OUT: Pick<
  ReceiveDeps,
  "trustedNetwork" | "waysOut" | "sending" | "signing" | "origins" | "reportCame"
> = {
  trustedNetwork: () => undefined,
  sending: {
    message: ({ mailbox }, { ip, ...counts }) => ({
      mailbox,
      at: 0,
      network: ip,
      ...counts,
      limits: [],
    }),
    reached: () => Promise.resolve(),
  },
  signing: { open: () => undefined },
  reportCame() {},
  origins: { open: () => undefined },
  waysOut: { destination: ({ domain }) => domain, returnPath: () => "", wake() {} },
};
