/**
 * Exim as a server that is tested for open relay: one port of loopback with STARTTLS, one domain whose mail it throws away; mail for the
 * tester's domain, if it is ever taken, goes to the tester's sink, and all other mail nowhere.
 */
import { makeSelfSigned } from "../../../src/net/index.ts";
import { launchExim } from "./exim-daemon.ts";
import type { TestedPlace, TestedServer } from "./tested-server.ts";

/** What stands in the configuration of one that is open. */
export interface EximHole {
  /** Lines before the ACLs. */
  readonly main?: string;
  /** Conditions under which a recipient is accepted before all else. */
  readonly accept?: string;
  /** A router before all others. */
  readonly router?: string;
}

export async function startTestedExim(
  place: TestedPlace,
  hole: EximHole = {},
): Promise<TestedServer> {
  const pair = await makeSelfSigned("mx.local.example", Date.now());
  const { log, stop } = await launchExim((home) => configuration(home, place, hole), {
    files: { "cert.pem": pair.certificate, "key.pem": pair.key },
  });
  return { port: place.port, log, stop };
}

function configuration(
  home: string,
  { port, sink }: TestedPlace,
  { main = "", accept = "", router = "" }: EximHole,
): string {
  return `primary_hostname = mx.local.example
disable_ipv6
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${port}
tls_advertise_hosts = *
tls_certificate = ${home}/cert.pem
tls_privatekey = ${home}/key.pem
smtp_accept_queue_per_connection = 0
smtp_accept_max = 100
pipelining_advertise_hosts =
acl_smtp_rcpt = recipient
acl_smtp_data = content
domainlist here = local.example : mx.local.example
${main}
begin acl
recipient:
${accept}
  deny  local_parts = ^[.] : ^.*[@%!/|]
        domains = +here
        message = 5.1.3 restricted characters in address
  deny  !domains = +here
        message = 5.7.1 relay not permitted
  deny  !verify = recipient
        message = 5.1.1 nobody of that name here
  accept
content:
  deny  condition = \${if >{$received_count}{30}}
        message = 5.4.6 too many hops
  accept

begin routers
${router}
tester:
  driver = manualroute
  domains = tester.example
  route_list = * 127.0.0.1::${sink}
  self = send
  transport = smtp
  no_more
elsewhere:
  driver = redirect
  domains = !+here
  data = :blackhole:
mailboxes:
  driver = redirect
  local_parts = user : postmaster
  data = :blackhole:

begin transports
smtp:
  driver = smtp
  allow_localhost
  hosts_avoid_tls = *

begin retry
* * F,1h,5s
`;
}
