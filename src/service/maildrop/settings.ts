/** Limits of POP3 sessions: name, default and unit of each. Joined into the one configuration schema. */
import { z } from "zod";

const count = (least: number, otherwise: number, what: string) =>
  z.int().min(least).default(otherwise).describe(what);

export const maildropSchema = z.strictObject({
  plain_text_login: z
    .boolean()
    .default(false)
    .describe("passwords without TLS also from other machines; loopback may always"),
  auth_login: z
    .boolean()
    .default(false)
    .describe("AUTH LOGIN too, for old clients that know neither PLAIN nor USER"),
  international_messages: z
    .enum(["sent", "refused"])
    .default("sent")
    .describe(
      "messages with non-ASCII headers for clients that do not say UTF8: RFC 6856 wants them refused, few clients could read them then",
    ),
  errors: count(1, 20, "refused commands and failed logins before the connection is closed"),
  command_bytes: count(
    255,
    255,
    "octets of a command line, CRLF included (RFC 2449: at least 255)",
  ),
  sasl_bytes: count(1024, 12_288, "octets of a line of an AUTH exchange, CRLF included"),
  chunk_bytes: count(4096, 65_536, "octets of a message in memory while it is sent"),
  login_seconds: count(1, 180, "seconds a client may be silent before it has logged in"),
  idle_seconds: count(600, 600, "seconds it may be silent after that (RFC 1939: at least 600)"),
  takeover_ms: count(
    1,
    5000,
    "milliseconds a second login waits; a session that says nothing in that time loses the mailbox to it",
  ),
});

export type MaildropSettings = z.output<typeof maildropSchema>;
