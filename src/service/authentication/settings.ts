/** What is found out about strangers' mail, and what follows from it. Joined into the one configuration schema. */
import { z } from "zod";
import { parseDomain } from "../../mail/index.ts";

const action = (otherwise: "mark" | "refuse" | "ignore", what: string) =>
  z.enum(["mark", "refuse", "ignore"]).default(otherwise).describe(what);

const domain = z.string().transform((text, context) => {
  const read = parseDomain(text);
  if (read !== undefined) return read;
  const message = `"${text}" is no domain name; expected one such as lists.example.org`;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

export const authenticationSchema = z.strictObject({
  enabled: z.boolean().default(true).describe("strangers' mail on listen.smtp is authenticated"),
  private_clients: z
    .boolean()
    .default(false)
    .describe("also that of clients with a loopback or private address"),
  spf: action("mark", "what becomes of mail whose SPF fails and that does not pass DMARC"),
  dkim: action("ignore", "of mail that is signed, but has no signature that holds"),
  dmarc: z
    .enum(["honour", "mark", "ignore"])
    .default("honour")
    .describe("of mail that fails DMARC: what its author's domain asks for, or a mark at most"),
  iprev: action("ignore", "of mail from an address without a name that leads back to it"),
  dns_failure: z
    .enum(["unknown", "defer"])
    .default("unknown")
    .describe("what the DNS did not say is unknown, or a reason to ask for the mail again later"),
  deadline_seconds: z
    .int()
    .min(1)
    .max(120)
    .default(10)
    .describe("seconds a message that is in waits for the DNS, for all that is asked about it"),
  trusted_sealers: z
    .array(domain)
    .max(1000)
    .default([])
    .describe("domains that are believed when they have sealed (ARC) what they forward"),
});

export type AuthenticationSettings = z.output<typeof authenticationSchema>;
