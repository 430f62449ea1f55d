/** How much checking passwords may cost. Joined into the one configuration schema. */
import { z } from "zod";

const count = (least: number, otherwise: number, what: string) =>
  z.int().min(least).default(otherwise).describe(what);

export const accountsSchema = z.strictObject({
  /** Each takes 19 MiB and a core for about 40 to 80 ms. */
  checks_at_once: count(1, 2, "passwords checked at the same time"),
  checks_waiting: count(0, 64, "logins waiting for such a check; more are told to try again"),
  remembered_seconds: count(0, 600, "seconds a right password is remembered, until it is changed"),
  remembered_logins: count(1, 10_000, "right passwords remembered at once"),
});

export type AccountsSettings = z.output<typeof accountsSchema>;
