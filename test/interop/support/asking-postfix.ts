/** Postfix that asks published lists, by the settings of docs/publishing.md: its SMTP server on one port, postscreen in front of it on another. */
import { documented } from "./documented.ts";
import { launchPostfix, MASTER, type Launched } from "./postfix.ts";
import type { PrivateNetwork } from "./private-network.ts";

export const SMTPD_PORT = 2525;
export const POSTSCREEN_PORT = 2526;

/** It throws away what it takes. */
export function startAskingPostfix(network: PrivateNetwork): Promise<Launched> {
  return launchPostfix(() => MAIN + documented("Postfix: main.cf") + documented("postscreen: main.cf"), MASTER + SERVICES, network); // prettier-ignore
}

/** postscreen looks at nobody whom it has let in for so long, and waits so long before it greets. */
const MAIN = `myhostname = mx.postfix.example
mydestination = local.example
mynetworks =
inet_interfaces = loopback-only
alias_maps =
alias_database =
local_recipient_maps =
local_transport = discard
smtpd_relay_restrictions = reject_unauth_destination
postscreen_dnsbl_min_ttl = 1s
postscreen_greet_ttl = 1s
postscreen_greet_wait = 2s
`;

/** A process of smtpd keeps what it heard of a list as long as it lives. */
const SERVICES = `${SMTPD_PORT} inet n - n - - smtpd -o max_use=1
${POSTSCREEN_PORT} inet n - n - 1 postscreen
smtpd pass - - n - - smtpd -o max_use=1
dnsblog unix - - n - 0 dnsblog
tlsproxy unix - - n - 0 tlsproxy
discard unix - - n - - discard
anvil unix - - n - 1 anvil
`;
