/**
 * Postfix as a server that is tested for open relay: one port of loopback with STARTTLS, one domain with a mailbox whose mail it throws
 * away; mail for the tester's domain, if it is ever taken, goes to the tester's sink.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeSelfSigned } from "../../../src/net/index.ts";
import { launchPostfix, MASTER } from "./postfix.ts";
import type { TestedPlace, TestedServer } from "./tested-server.ts";

/** `settings`: lines of main.cf, after those that close it. Where TLS comes first it is a port for users, as Debian's master.cf has it. */
export async function startTestedPostfix(
  { port, sink, implicitTls }: TestedPlace,
  settings = "",
): Promise<TestedServer> {
  const pair = await makeSelfSigned("mx.local.example", Date.now());
  const postfix = await launchPostfix(
    (home) => {
      writeFileSync(join(home, "cert.pem"), pair.certificate);
      writeFileSync(join(home, "key.pem"), pair.key, { mode: 0o600 });
      return `${configuration(home, sink)}${settings}`;
    },
    `${MASTER}127.0.0.1:${port} inet n - n - - smtpd
${implicitTls === true ? FOR_USERS : ""}discard unix - - n - - discard
anvil unix - - n - 1 anvil
verify unix - - n - 1 verify
`,
  );
  return { port, log: () => postfix.log(), stop: () => postfix.stop() };
}

const FOR_USERS = `  -o smtpd_tls_wrappermode=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
`;

function configuration(home: string, sink: number): string {
  return `myhostname = mx.local.example
mydestination = local.example, mx.local.example
mynetworks =
inet_interfaces = loopback-only
inet_protocols = ipv4
alias_maps =
alias_database =
local_transport = discard
local_recipient_maps = inline:{ user=1, postmaster=1 }
transport_maps = inline:{ { tester.example = smtp:[127.0.0.1]:${sink} } }
default_transport = discard
smtpd_relay_restrictions = reject_unauth_destination
smtpd_tls_security_level = may
smtpd_tls_cert_file = ${home}/cert.pem
smtpd_tls_key_file = ${home}/key.pem
smtpd_data_restrictions = reject_unauth_pipelining
smtpd_forbid_bare_newline = yes
smtp_tls_security_level = none
smtpd_discard_ehlo_keywords = dsn
`;
}
