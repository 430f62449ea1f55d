/** Postfix's own configuration, as text: lines of main.cf (postconf(5)), and master.cf (master(5)). */
import type { Certificate } from "./certificate.ts";
import { HOSTNAME, READ_MAILBOX, SINK_MAILBOX } from "./peer.ts";

/** The user that owns delivered mail: nobody. */
export const MAIL_USER = 65_534;

/** More smtpd processes than any load here opens connections. */
const PROCESSES = 2100;

/** There is nobody to ask for a client's name here, or nobody who wants to know it. */
export const NAMELESS = "smtpd_peername_lookup = no\n";

export function commonLines(home: string): string {
  return `compatibility_level = 3.6
queue_directory = ${home}/queue
data_directory = ${home}/data
myhostname = ${HOSTNAME}
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
alias_maps =
alias_database =
smtpd_client_connection_count_limit = 0
in_flow_delay = 0
`;
}

export function mailboxLines(home: string): string {
  const mailboxes = [SINK_MAILBOX, READ_MAILBOX].map((name) => `{ ${name} = ${name}/ }`);
  return `mynetworks = 192.0.2.1/32
virtual_mailbox_domains = local.example
virtual_mailbox_base = ${home}/mail
virtual_mailbox_maps = inline:{ ${mailboxes.join(", ")} }
virtual_uid_maps = static:${MAIL_USER}
virtual_gid_maps = static:${MAIL_USER}
smtpd_relay_restrictions = reject_unauth_destination
`;
}

export function relayLines(sinkPort: number): string {
  return `mynetworks = 127.0.0.0/8
relayhost = [127.0.0.1]:${sinkPort}
`;
}

export function tlsLines({ certificate, key }: Certificate, level: "may" | "encrypt"): string {
  return `smtpd_tls_security_level = ${level}
smtpd_tls_cert_file = ${certificate}
smtpd_tls_key_file = ${key}
`;
}

/** Who listens: smtpd(8) itself, or postscreen(8), which looks a client up in lists before it hands it on. */
export function listenerLines(port: number, screened: boolean): string {
  if (!screened) return `127.0.0.1:${port} inet n - n - ${PROCESSES} smtpd\n`;
  return `127.0.0.1:${port} inet n - n - 1 postscreen
smtpd pass - - n - ${PROCESSES} smtpd
dnsblog unix - - n - 0 dnsblog
`;
}

/** service, type, private, unprivileged, chroot, wakeup, maxproc, command (master(5)) */
export function masterConfiguration(): string {
  return `pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
virtual unix - n n - - virtual
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
tlsproxy unix - - n - 0 tlsproxy
`;
}
