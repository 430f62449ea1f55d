/** How mail leaves: limits with name, default and unit, and what is required of other servers. Joined, with the routes, into the one configuration schema. */
import { z } from "zod";
import { isIpv6, parseDomain, parseIp, type Domain } from "../../mail/index.ts";

export { routesSchema } from "./route-settings.ts";

const count = (otherwise: number, what: string) => z.int().min(1).default(otherwise).describe(what);

const portNumber = z.int().min(1).max(65_535);

const ownAddress = (family: 4 | 6) =>
  z
    .string()
    .transform((text, context) => {
      const ip = parseIp(text);
      if (ip !== undefined && isIpv6(ip) === (family === 6)) return ip;
      context.addIssue({
        code: "custom",
        message: `expected an IPv${family} address of this machine`,
      });
      return z.NEVER;
    })
    .optional()
    .describe(`IPv${family} address to send from; left out: the system's choice`);

/** `opportunistic` is less than what a domain publishes: for one whose records are wrong. */
const REQUIRED = ["opportunistic", "encrypted", "verified"] as const;

const requireSchema = z
  .record(z.string(), z.enum(REQUIRED))
  .transform((table, context): ReadonlyMap<Domain, (typeof REQUIRED)[number]> => {
    const read = new Map<Domain, (typeof REQUIRED)[number]>();
    for (const [name, word] of Object.entries(table)) {
      const domain = parseDomain(name);
      if (domain === undefined)
        context.addIssue({ code: "custom", path: [name], message: "expected a domain" });
      else read.set(domain, word);
    }
    return read;
  })
  .prefault({})
  .describe(
    "what a domain's servers have to show beyond what it publishes: encrypted (TLS), verified (their certificate); or opportunistic, whatever it publishes",
  );

export const deliverySchema = z.strictObject({
  port: portNumber.default(25).describe("where other domains' servers listen"),
  https_port: portNumber
    .default(443)
    .describe("where other domains' web servers have their MTA-STS policy"),
  policy_seconds: count(10, "seconds an address may take to give a policy"),
  require: requireSchema,
  private_addresses: z
    .enum(["refuse", "allow"])
    .default("refuse")
    .describe("what to do when the DNS names a private or loopback address"),
  address: ownAddress(4),
  address_v6: ownAddress(6),
  connections: count(500, "connections at once, kept ones included"),
  waiting: count(1000, "attempts that wait for a connection; beyond: deferred"),
  addresses: count(6, "addresses that are connected to in one attempt"),
  connect_seconds: count(10, "seconds an address may take to answer at all"),
  next_address_ms: count(300, "milliseconds before the server's next address is tried beside it"),
  recipients: count(100, "recipients of one transaction; the rest goes in another"),
  messages_per_connection: count(100, "messages over one connection"),
  idle_seconds: count(10, "seconds a connection is kept when nothing is to be sent"),
  kept_seconds: count(300, "seconds after its begin in which a connection is used again"),
  clear_seconds: count(600, "seconds a server whose TLS failed is spoken to without"),
  handshake_seconds: count(30, "seconds a TLS handshake may take"),
  greeting_seconds: count(300, "seconds a server may take to greet"),
  command_seconds: count(300, "seconds a server may take to answer a command"),
  data_seconds: count(180, "seconds a server may take nothing of a message"),
  final_seconds: count(600, "seconds a server may take to answer a whole message"),
  session_seconds: count(7200, "seconds a connection may last in all"),
});

export type DeliverySettings = z.output<typeof deliverySchema>;
