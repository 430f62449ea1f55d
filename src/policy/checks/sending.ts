/** What the checks of a login must know, put together; and what holds where nobody hands it in: no login sends anything. */
import type { SenderDirectory } from "./own-sender.ts";
import type { SendingHistory } from "./sending-habits.ts";
import type { SendingCounter } from "./sending-limit.ts";

export interface SendingDeps {
  readonly senders: SenderDirectory;
  readonly counter: SendingCounter & SendingHistory;
}

export const NO_SENDING: SendingDeps = {
  senders: { route: noLogins, senderGrants: noLogins },
  counter: { account: noLogins, limits: noLogins, habits: noLogins },
};

function noLogins(): never {
  throw new Error("nobody said what a login may send");
}
