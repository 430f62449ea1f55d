/** For desks of which nothing leaves: nobody is trusted or shows a certificate, nothing is signed; a row in the queue and a report wait for ever. */
import { NO_CALLERS, type ReceiveDeps } from "../../src/service/receive/index.ts";

export const NO_WAYS_OUT: Pick<
  ReceiveDeps,
  | "trustedNetwork"
  | "asksLists"
  | "callers"
  | "waysOut"
  | "sending"
  | "signing"
  | "origins"
  | "reportCame"
  | "identityCounts"
> = {
  trustedNetwork: () => undefined,
  asksLists: false,
  callers: NO_CALLERS,
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
  identityCounts: { note() {} },
  origins: { open: () => undefined },
  waysOut: {
    destination: ({ domain }) => domain,
    isGatewayDomain: () => false,
    returnPath: () => "",
    wake() {},
  },
};
