/**
 * Settings for somebody who logs in by a certificate, ready to be put into place: for msmtp, Exim as a client, and Thunderbird. They
 * name the files that came with them, and go by the server's certificate, so that nobody in between gets the mail.
 */
import type { Domain } from "../../mail/index.ts";
import { eximWay, section, withColons, type OwnCertificate } from "./settings-parts.ts";

export interface LoginSettings {
  /** The certificate's name, of which the files are called. */
  readonly name: string;
  /** The mailbox's, in wire form. */
  readonly address: string;
  readonly hostname: Domain;
  readonly port: number;
  /** TLS begins with the first byte; otherwise by STARTTLS. */
  readonly implicitTls: boolean;
  readonly certificate: OwnCertificate;
}

export function loginSettings(settings: LoginSettings): string {
  return [
    heading(settings),
    section("msmtp, with GnuTLS", msmtp(settings)),
    section("Exim, 4.94 or later, as a client", exim(settings)),
    section("Thunderbird", thunderbird(settings)),
  ].join("\n");
}

function heading({ name, address, hostname, port, implicitTls }: LoginSettings): string {
  return `Settings to send as ${address} through ${hostname} port ${port}, by a certificate instead of a password.

${name}.pem is the certificate, ${name}-key.pem its key: whoever has the key sends as ${address}, so keep it
readable for nobody else (mode 0600). TLS: ${implicitTls ? "from the first byte" : "STARTTLS"}. Login: SASL EXTERNAL. Postfix as a client
does not know that; give it an app password.
`;
}

function msmtp({ name, address, hostname, port, implicitTls, certificate }: LoginSettings): string {
  const trust =
    certificate.kind === "public"
      ? "tls_trust_file system"
      : `tls_fingerprint ${withColons(certificate.sha256)}`;
  return `~/.msmtprc, the files in ~/.config/gatepost; used as msmtp -a ${name}:

account ${name}
host ${hostname}
port ${port}
tls on
tls_starttls ${implicitTls ? "off" : "on"}
${trust}
tls_cert_file ~/.config/gatepost/${name}.pem
tls_key_file ~/.config/gatepost/${name}-key.pem
auth external
user ${address}
from ${address}

`;
}

function exim({ address, implicitTls, ...way }: LoginSettings): string {
  const router = [`senders = ${address}`, "domains = ! +local_domains"];
  const transport = [`protocol = ${implicitTls ? "smtps" : "smtp"}`, "hosts_require_auth = *"];
  return `The first of the routers; it takes what ${address} sends elsewhere:

${eximWay({ ...way, folder: "/etc/exim4/gatepost", router, transport })}
One of the authenticators:

gatepost:
  driver = external
  public_name = EXTERNAL
  client_send = ${address}

`;
}

function thunderbird({ name, hostname, port, implicitTls }: LoginSettings): string {
  return `Thunderbird takes certificate and key in one file, with a password of your choice for the way:

openssl pkcs12 -export -in ${name}.pem -inkey ${name}-key.pem -out ${name}.p12

Settings, Privacy & Security, Manage Certificates, Your Certificates, Import. Then, of the outgoing server: ${hostname}, port ${port},
connection security ${implicitTls ? "SSL/TLS" : "STARTTLS"}, authentication method "TLS Certificate". Mail comes in with a password as before.
`;
}
