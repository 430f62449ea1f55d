/** How much a mailbox may send: name, default and unit of each. Joined into the one configuration schema. */
import { z } from "zod";

const count = (otherwise: number) => z.int().min(1).default(otherwise);

export const sendingSchema = z.strictObject({
  messages_per_hour: count(100).describe("messages of one mailbox in an hour"),
  recipients_per_hour: count(500).describe("recipients of one mailbox's messages in an hour"),
  messages_per_day: count(1000).describe("messages of one mailbox in a day"),
  recipients_per_day: count(2000).describe("recipients of one mailbox's messages in a day"),
  recipients_per_message: count(100).describe("recipients of one message of a mailbox"),
});

export type SendingSettings = z.output<typeof sendingSchema>;
