/** Exim that asks published lists, by the settings of docs/publishing.md; one port of both families. */
import { documented } from "./documented.ts";
import { launchExim, type LaunchedExim } from "./exim-daemon.ts";
import type { PrivateNetwork } from "./private-network.ts";

export const EXIM_PORT = 2527;

/** It throws away what it takes. */
export function startAskingExim(network: PrivateNetwork): Promise<LaunchedExim> {
  return launchExim(configuration, {}, network);
}

function configuration(): string {
  return `primary_hostname = mx.exim.example
local_interfaces = <; 127.0.0.1 ; ::1
daemon_smtp_ports = ${EXIM_PORT}
tls_advertise_hosts =
acl_smtp_rcpt = recipient

begin acl
recipient:
${documented("Exim: in the ACL of acl_smtp_rcpt")}
  accept domains = local.example

begin routers
all:
  driver = redirect
  data = :blackhole:
`;
}
