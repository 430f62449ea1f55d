/** What the site says of itself to other servers: its MTA-STS policy. Joined into the one configuration schema. */
import { z } from "zod";

/** Seconds (RFC 8461 §3.2): a year at most. A week, as long as nothing else is said; weeks are advised for `enforce`. */
const MAX_AGE_LIMIT = 31_557_600;
const MAX_AGE = 604_800;

export const mtaStsSchema = z.strictObject({
  mode: z
    .enum(["testing", "enforce", "none"])
    .default("testing")
    .describe(
      "what other servers do when TLS with us fails: report it, hold mail back, or as if there were no policy",
    ),
  max_age_seconds: z
    .int()
    .min(1)
    .max(MAX_AGE_LIMIT)
    .default(MAX_AGE)
    .describe("seconds that they keep the policy"),
});

export type MtaStsSettings = z.output<typeof mtaStsSchema>;
