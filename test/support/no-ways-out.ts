/** For desks of which nothing leaves: nobody is trusted, and a row in the queue waits for ever. */
import type { ReceiveDeps } from "../../src/service/receive/index.ts";

export const NO_WAYS_OUT: Pick<ReceiveDeps, "trustedNetwork" | "waysOut"> = {
  trustedNetwork: () => undefined,
  waysOut: { destination: ({ domain }) => domain, returnPath: () => "", wake() {} },
};
