/** What the settings for peers and for users have in common: our own certificate, sections, and Exim's way to us. */
import type { Domain } from "../../mail/index.ts";

/** What this server shows itself, as settings of others go by it. */
export type OwnCertificate =
  /** An authority vouches for it, which others know too. */
  | { readonly kind: "public" }
  /** Nobody does: SHA-256 of it and of its key, 64 hexadecimal digits. A copy of it is among the files. */
  | { readonly kind: "own"; readonly sha256: string; readonly key: string };

/** A digest as other programs write it. */
export function withColons(digits: string): string {
  return (digits.match(/../g) ?? []).join(":").toUpperCase();
}

export function section(title: string, text: string): string {
  return `---- ${title} ----\n\n${text}`;
}

export interface EximWay {
  /** Of which the files are called. */
  readonly name: string;
  readonly hostname: Domain;
  readonly port: number;
  readonly certificate: OwnCertificate;
  /** Where the files are. */
  readonly folder: string;
  /** What of its mail comes here: options of the router. */
  readonly router: readonly string[];
  /** Further options of the transport. */
  readonly transport?: readonly string[];
}

/** A router and a transport of Exim: to us, over TLS, with the certificate, and to nobody who only says that he is we. */
export function eximWay(way: EximWay): string {
  const { name, hostname, port, certificate, folder, router, transport = [] } = way;
  const trust = certificate.kind === "public" ? "system" : `${folder}/${hostname}.pem`;
  return `gatepost:
  driver = manualroute
${lines(router)}  transport = gatepost
  route_list = * ${hostname}

One of the transports:

gatepost:
  driver = smtp
  port = ${port}
${lines(transport)}  hosts_require_tls = *
  tls_certificate = ${folder}/${name}.pem
  tls_privatekey = ${folder}/${name}-key.pem
  tls_verify_certificates = ${trust}
  tls_verify_hosts = *
`;
}

function lines(options: readonly string[]): string {
  return options.map((option) => `  ${option}\n`).join("");
}
