/** Where to listen, how many may come, which certificate is shown, which DNS servers are asked. Joined into the one configuration schema. */
import { z } from "zod";
import { parseCidr, parseIp } from "../mail/index.ts";
import { parseNameServer } from "./name-server.ts";

const address = z
  .string()
  .refine((text) => parseIp(text) !== undefined, "expected an IPv4 or IPv6 address of this machine")
  .describe("address of this machine; 0.0.0.0 and :: are all of them");

/** A whole family as "proxy" would let every client name its own address (relay catalogue R18, R20). */
const proxy = z
  .string()
  .transform((text, context) => {
    const cidr = parseCidr(text);
    if (cidr !== undefined && cidr.prefix > 0) return cidr;
    const message =
      cidr === undefined
        ? "expected an address or a block such as 10.0.0.7 or 10.0.0.0/28"
        : "this would believe everybody; expected the addresses of your proxies";
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  })
  .describe("proxies whose PROXY header (v1, v2) is required and believed");

const proxies = z.array(proxy).default([]).describe("proxies that speak for their clients");

const ownPort = z
  .int()
  .min(0)
  .max(65_535)
  .optional()
  .describe("instead of port_base and the service's own");

const listenerTable = z.strictObject({
  address,
  port: ownPort,
  tls: z.enum(["starttls", "implicit", "off"]).optional().describe("how TLS begins on this port"),
  proxy_from: proxies,
});

const listener = z.union([address, listenerTable]);

/** Where servers, or programs that hand in mail, may show who they are. */
const smtpListener = z.union([
  address,
  listenerTable.extend({
    client_certificate: z
      .enum(["off", "ask"])
      .default("off")
      .describe("whether clients are asked for a certificate; nobody has to show one"),
  }),
]);

const smtpListeners = z.array(smtpListener).default([]);

/** How TLS begins is settled by the service. */
const webListener = z.union([
  address,
  z.strictObject({ address, port: ownPort, proxy_from: proxies }),
]);

const webListeners = z.array(webListener).default([]);

/** Whoever asks is known by his address alone. */
const dnsListener = z.union([address, z.strictObject({ address, port: ownPort })]);

const dnsListeners = z.array(dnsListener).default([]);

const listeners = z.array(listener).default([]);

export const listenSchema = z.strictObject({
  port_base: z
    .int()
    .min(0)
    .max(64_000)
    .default(0)
    .describe("added to each service's port: 0 is SMTP on 25, 10000 is SMTP on 10025"),
  smtp: smtpListeners.describe("mail from other servers; port_base + 25"),
  submission: smtpListeners.describe("mail from our own users, STARTTLS; port_base + 587"),
  submissions: smtpListeners.describe(
    "mail from our own users, TLS from the first byte; port_base + 465",
  ),
  pop3: listeners.describe("mailboxes, STLS; port_base + 110"),
  pop3s: listeners.describe("mailboxes, TLS from the first byte; port_base + 995"),
  http: webListeners.describe("automatic set-up of mail programs; port_base + 80"),
  https: webListeners.describe("the same, and MTA-STS policies; port_base + 443"),
  dns: dnsListeners.describe(
    "the lists that are published, UDP and TCP; port_base + 53; nothing is opened where there are none",
  ),
});

export type ListenSettings = z.output<typeof listenSchema>;
export type ListenerSetting = ListenSettings[keyof Omit<ListenSettings, "port_base">][number];

export function asksCertificate(setting: ListenerSetting): boolean {
  return (
    typeof setting !== "string" &&
    "client_certificate" in setting &&
    setting.client_certificate === "ask"
  );
}

const certificateAndKey = {
  certificate: z.string().min(1).describe("PEM file, the chain after the server's own certificate"),
  key: z.string().min(1).describe("PEM file of its private key"),
} as const;

export const tlsSchema = z.strictObject({
  ...certificateAndKey,
  sni: z
    .array(z.strictObject(certificateAndKey))
    .default([])
    .describe("further ones, for clients that ask for a name in their subjectAltName"),
});

const count = (otherwise: number, what: string) => z.int().min(1).default(otherwise).describe(what);

export const connectionLimitsSchema = {
  connections: count(10_000, "connections at once, over all ports"),
  connections_per_address: count(100, "connections at once from one address"),
  connections_per_network: count(200, "connections at once from one IPv6 /64"),
  crowded_seconds: count(
    10,
    "seconds of silence instead of those below, while more than nine tenths of the connections are in use",
  ),
  handshake_seconds: count(30, "seconds a TLS handshake may take"),
  session_seconds: count(3600, "seconds a session may last in all"),
} as const;

export const httpSchema = z.strictObject({
  header_bytes: z
    .int()
    .min(1024)
    .max(1_048_576)
    .default(8192)
    .describe("octets of a request line and its header fields"),
  request_seconds: count(10, "seconds for a request to come, and for its answer to be taken"),
  requests: count(100, "requests on one connection"),
});

const nameServer = z.string().transform((text, context) => {
  const server = parseNameServer(text);
  if (server !== undefined) return server;
  const message = "expected an address such as 127.0.0.1, 127.0.0.1:5353 or [::1]:5353";
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

/** Whose word is taken for DNSSEC is never what a network hands out. */
export const dnsSchema = z
  .strictObject({
    servers: z
      .array(nameServer)
      .max(8)
      .default([])
      .describe("recursive servers; left out: those of /etc/resolv.conf"),
    trust_ad: z
      .boolean()
      .default(false)
      .describe("believe these servers when they say that DNSSEC has validated an answer"),
    deadline_ms: count(5000, "milliseconds for a question, aliases and retries included"),
    attempt_ms: count(1500, "milliseconds a server may be silent before another is asked"),
    questions: count(1000, "questions open at once; each has a socket"),
    cache_mebibytes: count(16, "memory for answers; what was used longest ago is forgotten first"),
  })
  .superRefine(({ servers, trust_ad }, context) => {
    if (!trust_ad || servers.length > 0) return;
    const message = "expected dns.servers to name the servers that validate";
    context.addIssue({ code: "custom", path: ["trust_ad"], message });
  });

export type DnsSettings = z.output<typeof dnsSchema>;
