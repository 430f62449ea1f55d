/**
 * Settings for the administrator of the other side, ready to be put into place: for Postfix, Exim and Gatepost. They name the files
 * that came with them, send the mail of these domains here and nowhere else, and go by our certificate, so that mail and
 * credentials are shown to nobody else.
 */
import type { Domain } from "../../mail/index.ts";
import { eximWay, section, withColons, type OwnCertificate } from "./settings-parts.ts";

export interface PeerSettings {
  /** The peer's name, of which the files are called. */
  readonly name: string;
  readonly hostname: Domain;
  readonly port: number;
  readonly certificate: OwnCertificate;
  /** Whose mail is to come here: our domains, and those that the peer may write to. */
  readonly domains: readonly string[];
}

export function peerSettings(settings: PeerSettings): string {
  return [
    heading(settings),
    section("Postfix, 3.4 or later", postfix(settings)),
    section("Exim, 4.94 or later", exim(settings)),
    section("Gatepost", gatepost(settings)),
  ].join("\n");
}

function heading({ name, hostname, port, domains }: PeerSettings): string {
  return `Settings for ${name}, to be known at ${hostname} port ${port}.

${name}.pem is your certificate, ${name}-key.pem its key: whoever has the key is you, so it is readable for
nobody but your mail server (mode 0600). Mail for ${domains.join(", ")} goes to ${hostname}
with them. Take the part for your server, and put the files where it names them.
`;
}

function postfix({ name, hostname, port, certificate, domains }: PeerSettings): string {
  const trust =
    certificate.kind === "public"
      ? [
          "smtp_tls_security_level=secure",
          `smtp_tls_secure_cert_match=${hostname}`,
          "smtp_tls_CAfile=/etc/ssl/certs/ca-certificates.crt",
        ]
      : [
          "smtp_tls_security_level=fingerprint",
          "smtp_tls_fingerprint_digest=sha256",
          `smtp_tls_fingerprint_cert_match=${withColons(certificate.key)}`,
        ];
  const files = `smtp_tls_chain_files=/etc/postfix/peers/${name}-key.pem,/etc/postfix/peers/${name}.pem`;
  const options = [files, ...trust].map((option) => `  -o ${option}\n`).join("");
  const routes = domains.map((domain) => `${domain} gatepost:[${hostname}]:${port}\n`).join("");
  return `/etc/postfix/master.cf, a service more:

gatepost unix - - n - - smtp
${options}
/etc/postfix/transport, or a table of yours (with \`postmap\`, if it is one of those):

${routes}
/etc/postfix/main.cf, unless it names such a table already; and then \`postfix reload\`:

transport_maps = texthash:/etc/postfix/transport

`;
}

function exim({ domains, ...way }: PeerSettings): string {
  const router = [`domains = ${domains.join(" : ")}`];
  return `The first of the routers:

${eximWay({ ...way, folder: "/etc/exim4/peers", router })}
`;
}

function gatepost({ name, hostname, port, certificate, domains }: PeerSettings): string {
  const trust =
    certificate.kind === "public" ? "tls_verify = true" : `pin = "sha256:${certificate.sha256}"`;
  const files = `certificate = "peers/${name}.pem", key = "peers/${name}-key.pem"`;
  const route = `{ host = "${hostname}", port = ${port}, tls = "required", ${trust}, ${files} }`;
  const routes = domains.map((domain) => `"${domain}" = ${route}\n`).join("");
  return `gatepost.toml, the files in a directory \`peers\` beside it; and then \`gatepost check\` and a SIGHUP:

[routes]
${routes}`;
}
