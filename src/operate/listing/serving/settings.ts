/** With what the lists are served. Joined into `[limits]` of the one configuration schema. */
import { z } from "zod";

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
} as const;
