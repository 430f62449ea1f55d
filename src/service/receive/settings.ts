/** Limits of receiving: name, default and unit of each. Joined into the one configuration schema. */
import { z } from "zod";

const count = (least: number, otherwise: number, most = Number.MAX_SAFE_INTEGER) =>
  z.int().min(least).max(most).default(otherwise);

/** RFC 9422 announces six digits. */
const MOST_ANNOUNCED = 999_999;

/** RFC 5321 §4.5.3.2.1: a client waits five minutes for the greeting. */
const GREETING_WAIT_MS = 300_000;

export const receiveLimitsSchema = {
  /** Octets of one message; announced as SIZE (RFC 1870). 50 MiB. */
  message_bytes: count(65_536, 52_428_800).describe("octets of one message, announced as SIZE"),
  /** Octets of a message's header section. 256 KiB. */
  header_bytes: count(1024, 262_144).describe("octets of a message's header section"),
  recipients: count(100, 1000, MOST_ANNOUNCED).describe(
    "recipients of one message (RFC 5321: at least 100)",
  ),
  errors: count(1, 20).describe("refused commands in a session before 421 4.7.0"),
  command_bytes: count(512, 4096).describe("octets of a command line, CRLF included"),
  transactions: count(1, 10_000, MOST_ANNOUNCED).describe(
    "messages in one session (RFC 9422 MAILMAX)",
  ),
  hops: count(100, 100).describe(
    "Received fields before a message counts as looping (RFC 5321 6.3)",
  ),
  bodies: count(1, 500).describe("messages whose content is coming in at once, over all sessions"),
  command_seconds: count(1, 300).describe("seconds a client may take for a command"),
  data_seconds: count(1, 180).describe("seconds a client may be silent while it sends a message"),
  greeting_delay_ms: count(0, 0, GREETING_WAIT_MS).describe(
    "milliseconds before the greeting, in which a client that does not wait for it is found out",
  ),
} as const;

/** How users log in to send. */
export const submissionSchema = z.strictObject({
  auth_login: z
    .boolean()
    .default(true)
    .describe("AUTH LOGIN too: printers, scanners and cameras often know nothing else"),
  sasl_bytes: count(1024, 12_288).describe(
    "octets of a line of an AUTH exchange, CRLF included (RFC 4954: 12288)",
  ),
});

/** Who has to come twice. */
export const greylistSchema = z
  .strictObject({
    enabled: z
      .boolean()
      .default(false)
      .describe("strangers of low identity are told to come again"),
    below: z
      .enum(["forward-confirmed", "certificate", "pinned"])
      .default("forward-confirmed")
      .describe("whoever is known so well, or better, is not asked"),
    delay_seconds: count(1, 300).describe("seconds before the second attempt counts"),
    retry_hours: count(1, 24).describe("hours the second attempt is waited for"),
    passed_days: count(1, 36).describe(
      "days a network that has come twice is remembered since its last mail",
    ),
    attempts: count(1000, 100_000).describe("first attempts remembered"),
    networks: count(1000, 100_000).describe("networks remembered that have come twice"),
  })
  .refine(({ delay_seconds: delay, retry_hours: retry }) => delay < retry * 3600, {
    path: ["delay_seconds"],
    message: "the second attempt would come too late; expected less than greylist.retry_hours",
  });

const rate = (otherwise: number | "unlimited") =>
  z
    .custom<number | "unlimited">(
      (value) => value === "unlimited" || z.int().min(1).safeParse(value).success,
      'expected a whole number, at least 1, or "unlimited"',
    )
    .default(otherwise);

const levelRates = (messages: number | "unlimited", recipients: number | "unlimited") =>
  z
    .strictObject({
      messages_per_hour: rate(messages).describe("messages from one network in an hour"),
      recipients_per_hour: rate(recipients).describe(
        "recipients asked for by one network in an hour",
      ),
    })
    .prefault({});

/** How much strangers may send, by how well they are known before the message. Pinned peers have no limit. */
export const ratesSchema = z.strictObject({
  none: levelRates(3600, 36_000),
  "forward-confirmed": levelRates("unlimited", "unlimited"),
  certificate: levelRates("unlimited", "unlimited"),
});

export type GreylistSettings = z.output<typeof greylistSchema>;
export type RatesSettings = z.output<typeof ratesSchema>;

/** What the desk itself holds to. */
export interface ReceiveLimits {
  readonly headerOctets: number;
  readonly bodies: number;
}
