/** When and how much is sent: name, default and unit of each setting. Joined into the one configuration schema. */
import { z } from "zod";
import type { Schedule } from "./schedule.ts";

const count = (least: number, otherwise: number, what: string) =>
  z.int().min(least).default(otherwise).describe(what);

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export const queueSchema = z.strictObject({
  send: z
    .boolean()
    .default(true)
    .describe("false: what comes into the queue waits there, for work on what is behind it"),
  retry_minutes: z
    .array(z.number().positive())
    .min(1)
    .default([5, 15, 30, 60, 60, 120, 240])
    .describe("minutes from an attempt to the next; the last one goes on"),
  lifetime_hours: count(1, 120, "hours a recipient is tried (RFC 5321: four to five days)"),
  delay_report_hours: count(1, 4, "hours after which our own users are told that it is late"),
  attempts: count(1, 200, "attempts under way at once"),
  attempts_per_destination: count(1, 20, "of these, to one destination"),
  recipients_per_destination: count(
    1,
    100,
    "recipients of one destination taken out of the queue at once, and so in one transaction",
  ),
  returned_bytes: count(
    0,
    1_048_576,
    "octets of a message that comes back whole in a report, if that was asked for (RET=FULL)",
  ),
  stranger_reports_per_hour: count(
    1,
    20,
    "reports to verified senders of one domain elsewhere, on what was sent on for them and failed, in an hour; beyond, the postmaster is told",
  ),
  notice_minutes: count(
    1,
    60,
    "minutes between two notices to the postmaster about failures that no sender is told of",
  ),
});

export type QueueSettings = z.output<typeof queueSchema>;

/** A tenth: what failed together does not come back together. */
const JITTER = 0.1;

export function scheduleOf(settings: QueueSettings): Schedule {
  return {
    retryMs: settings.retry_minutes.map((minutes) => minutes * MINUTE_MS),
    jitter: JITTER,
    lifetimeMs: settings.lifetime_hours * HOUR_MS,
    delayReportMs: settings.delay_report_hours * HOUR_MS,
  };
}
