/** How many reports about TLS are kept, and how long. Joined into the one configuration schema. */
import { z } from "zod";

export const reportsSchema = z.strictObject({
  days: z
    .int()
    .min(1)
    .default(90)
    .describe("days a report, and what was seen when sending, is kept"),
  mebibytes: z
    .int()
    .min(1)
    .default(256)
    .describe("size beyond which the oldest reports are forgotten"),
  per_day: z
    .int()
    .min(1)
    .default(5000)
    .describe("reports kept of one day; the mail of more stays with the postmaster"),
});

export type ReportsSettings = z.output<typeof reportsSchema>;
