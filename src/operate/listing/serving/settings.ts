/** With what the lists are served. Joined into `[limits]` of the one configuration schema. */
import { z } from "zod";
import { parseCidr } from "../../../mail/index.ts";

const network = z.string().transform((text, context) => {
  const cidr = parseCidr(text);
  if (cidr !== undefined) return cidr.text;
  const message = `"${text}": expected an address or a block such as 192.0.2.0/24`;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

export const servingLimitsSchema = {
  dns_threads: z
    .int()
    .min(0)
    .max(64)
    .default(0)
    .describe("threads that answer questions over UDP; 0: one for each core"),
  dns_connections: z.int().min(1).default(1000).describe("TCP connections at once for questions"),
  dns_connections_per_address: z
    .int()
    .min(1)
    .default(20)
    .describe("of those, from one address, or one IPv6 /64"),
  dns_idle_seconds: z
    .int()
    .min(1)
    .default(10)
    .describe("seconds that such a connection may be without a question, or not take an answer"),
  dns_answers_per_second: z
    .int()
    .min(0)
    .default(2000)
    .describe(
      "answers a second over UDP without a cookie to one network of clients (/24, /56), in each thread; 0: no limit",
    ),
  dns_slip: z
    .int()
    .min(0)
    .max(100)
    .default(2)
    .describe("beyond that, one answer of so many says: ask over TCP; 0: none is sent"),
  dns_clients: z
    .array(z.strictObject({ network, action: z.enum(["pass", "refuse", "ignore"]) }))
    .max(10_000)
    .default([])
    .describe(
      "clients that are not like all others: pass (no limit to their rate), refuse, ignore; the first that holds one counts",
    ),
} as const;
