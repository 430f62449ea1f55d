/** An Exim as a peer: mailboxes in Maildirs, forwards, one port of loopback. A login is by PLAIN or LOGIN, under TLS. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { makeSelfSigned } from "../../../src/net/index.ts";
import { launchExim } from "./exim-daemon.ts";
import { maildir } from "./maildir.ts";
import { DEAD, GATEWAYS, LATER, MAILBOXES, type Peer, type PeerPlace } from "./peer.ts";
import { run } from "./programs.ts";

const DOMAIN = "exim.example";
export const LOGIN = { name: "gatepost", password: "s3 cret" } as const;

/** `shown`: PEM of a certificate, its issuers and its key, for servers that ask for one. */
export async function startExim(place: PeerPlace, shown?: string): Promise<Peer> {
  const pair = await makeSelfSigned("mx.exim.example", Date.now());
  const exim = await launchExim((home) => configuration(home, place, shown !== undefined), {
    folders: ["mail"],
    files: { "cert.pem": pair.certificate, "key.pem": pair.key, "shown.pem": shown ?? "" },
  });
  return {
    name: "Exim",
    domain: DOMAIN,
    port: place.port,
    async submit(message, from, to) {
      const args = ["-C", exim.config, "-oi", "-f", from === "" ? "<>" : from, "--", to];
      const { code, said } = await run(exim.program, args, { input: message });
      assert.equal(code, 0, said);
    },
    log: exim.log,
    bouncesTo: (address) =>
      exim
        .log()
        .split("\n")
        .filter((line) => line.includes(" <= <> ") && line.endsWith(` for ${address}`)).length,
    messages: (user) => maildir(join(exim.home, "mail", user)),
    stop: exim.stop,
  };
}

function configuration(home: string, { port, gatepost, user }: PeerPlace, shows: boolean): string {
  return `primary_hostname = mx.exim.example
log_selector = +received_recipients +return_path_on_delivery +smtp_confirmation
disable_ipv6
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${port}
tls_advertise_hosts = *
tls_certificate = ${home}/cert.pem
tls_privatekey = ${home}/key.pem
dsn_advertise_hosts = *
smtputf8_advertise_hosts = *
received_headers_max = 20
smtp_accept_queue_per_connection = 0
acl_smtp_rcpt = recipient
acl_smtp_data = accept
domainlist here = ${[DOMAIN, ...GATEWAYS].join(" : ")}

begin acl
recipient:
  defer domains = +here
        local_parts = ${LATER}
        message = 4.2.1 the mailbox is being moved
  deny  !domains = +here : local.example
        message = 5.7.1 relaying is not for you
  deny  !verify = recipient
        message = 5.1.1 nobody of that name here
  accept

begin routers
gatepost:
  driver = manualroute
  domains = local.example
  route_list = * 127.0.0.1::${gatepost}
  self = send
  transport = smtp
  no_more
back:
  driver = redirect
  local_parts = back
  data = ${user}
round:
  driver = redirect
  local_parts = round
  data = round@local.example
dead:
  driver = redirect
  local_parts = ${DEAD}
  allow_fail
  no_verify
  data = :fail: the mailbox has gone
mailboxes:
  driver = accept
  local_parts = ${MAILBOXES.join(" : ")}
  transport = maildir
seemingly_there:
  driver = accept
  local_parts = ${DEAD}
  verify_only

begin transports
smtp:
  driver = smtp
  allow_localhost
${shows ? `  tls_certificate = ${home}/shown.pem\n` : ""}maildir:
  driver = appendfile
  directory = ${home}/mail/$local_part_data
  maildir_format
  delivery_date_add
  envelope_to_add
  return_path_add

begin authenticators
PLAIN:
  driver = plaintext
  server_prompts = :
  server_condition = \${if and{{eq{$auth2}{${LOGIN.name}}}{eq{$auth3}{${LOGIN.password}}}}}
  server_set_id = $auth2
  server_advertise_condition = \${if def:tls_in_cipher}
LOGIN:
  driver = plaintext
  server_prompts = Username:: : Password::
  server_condition = \${if and{{eq{$auth1}{${LOGIN.name}}}{eq{$auth2}{${LOGIN.password}}}}}
  server_set_id = $auth1
  server_advertise_condition = \${if def:tls_in_cipher}

begin retry
* * F,1h,5s
`;
}
