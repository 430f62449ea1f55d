/** How long the journal remembers. Joined into the one configuration schema. */
import { z } from "zod";

export const journalSchema = z.strictObject({
  days: z.int().min(1).default(30).describe("days a session is remembered"),
  mebibytes: z
    .int()
    .min(1)
    .default(1024)
    .describe("size beyond which the oldest sessions are forgotten"),
});
