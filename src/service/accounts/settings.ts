/** How much checking passwords may cost, and how guessing is slowed. Joined into the one configuration schema. */
import { z } from "zod";
import { parseCidr } from "../../mail/index.ts";

const count = (least: number, otherwise: number, what: string) =>
  z.int().min(least).default(otherwise).describe(what);

const addresses = z.string().transform((text, context) => {
  const cidr = parseCidr(text);
  if (cidr !== undefined) return cidr;
  const message = "expected an address or a block such as 10.0.0.7 or 10.0.0.0/28";
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

export const accountsSchema = z.strictObject({
  /** Each takes 19 MiB and a core for about 40 to 80 ms. */
  checks_at_once: count(1, 2, "passwords checked at the same time"),
  checks_waiting: count(0, 64, "logins waiting for such a check; more are told to try again"),
  remembered_seconds: count(0, 600, "seconds a right password is remembered, until it is changed"),
  remembered_logins: count(1, 10_000, "right passwords remembered at once"),

  wrong_passwords_per_mailbox: count(
    0,
    5,
    "different wrong passwords for a mailbox before logins to it wait; not from where its owner is",
  ),
  wrong_passwords_per_address: count(
    0,
    20,
    "different wrong passwords from an address (IPv6: its /64) before logins from there wait",
  ),
  wrong_password_seconds: count(1, 3600, "seconds a wrong password counts since it was last tried"),
  slow_first_ms: count(
    1,
    1000,
    "milliseconds the first such login waits; doubled with each wrong one",
  ),
  slow_most_ms: count(0, 30_000, "milliseconds a login waits at most; 0 slows nobody"),
  slowed_logins: count(
    1,
    4,
    "logins from one address that wait so at once; more are told to try again",
  ),
  known_address_seconds: count(
    0,
    604_800,
    "seconds an address is where a mailbox's owner is, since its right password came from there",
  ),
  slow_down_memory: count(1, 10_000, "addresses, mailboxes, and pairs of both remembered for this"),
  shared_addresses: z
    .array(addresses)
    .default([])
    .describe("addresses that many people share, such as a webmail's: slowed by mailbox alone"),
});

export type AccountsSettings = z.output<typeof accountsSchema>;
