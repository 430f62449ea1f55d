/** How a mail program sets itself up: the file that Thunderbird asks for, and others after it (clientConfig, version 1.1). */
import { displayDomain, type Domain } from "../mail/index.ts";
import { canSetUp, CLIENT_SERVICES, type ClientService } from "../operate/doctor/index.ts";
import type { WebSite } from "./site.ts";

interface ServerKind {
  readonly element: "incomingServer" | "outgoingServer";
  readonly type: "pop3" | "smtp";
  readonly socketType: "SSL" | "STARTTLS";
}

const KINDS: Readonly<Record<ClientService, ServerKind>> = {
  submissions: { element: "outgoingServer", type: "smtp", socketType: "SSL" },
  submission: { element: "outgoingServer", type: "smtp", socketType: "STARTTLS" },
  pop3s: { element: "incomingServer", type: "pop3", socketType: "SSL" },
  pop3: { element: "incomingServer", type: "pop3", socketType: "STARTTLS" },
};

/**
 * Undefined where mail cannot be fetched here, or cannot be sent, over TLS: a program could not use the rest. Nor can who has his mailbox
 * elsewhere log in here by his address.
 */
export function autoconfig(site: WebSite, domain: Domain): string | undefined {
  if (!canSetUp(site.mailPorts) || !site.hasMailboxes(domain)) return undefined;
  const name = displayDomain(domain);
  return `<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="${escaped(domain)}">
    <domain>${escaped(domain)}</domain>
    <displayName>${escaped(name)}</displayName>
    <displayShortName>${escaped(name)}</displayShortName>
${serversOf(site, "incomingServer")}${serversOf(site, "outgoingServer")}  </emailProvider>
</clientConfig>
`;
}

/** A program takes the first that it can use: TLS from the first octet before STARTTLS (RFC 8314 §3). */
function serversOf({ hostname, mailPorts }: WebSite, element: ServerKind["element"]): string {
  return CLIENT_SERVICES.map((service) => {
    const kind = KINDS[service];
    const port = mailPorts.get(service);
    return port === undefined || kind.element !== element ? "" : serverText(kind, hostname, port);
  }).join("");
}

/** The password is said over TLS; "encrypted" would mean CRAM-MD5 there, which Gatepost has not. */
function serverText(
  { element, type, socketType }: ServerKind,
  hostname: Domain,
  port: number,
): string {
  return `    <${element} type="${type}">
      <hostname>${escaped(hostname)}</hostname>
      <port>${port}</port>
      <socketType>${socketType}</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>
    </${element}>
`;
}

const ENTITIES = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
]);

function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (char) => ENTITIES.get(char) ?? char);
}
