/** Who tests other servers, and how politely. Joined into the one configuration schema. */
import { z } from "zod";
import { isFullyQualified, parseAddress, parseDomain } from "../../mail/index.ts";

const domain = z.string().transform((text, context) => {
  const name = parseDomain(text);
  if (name !== undefined && isFullyQualified(name)) return name;
  const message = `"${text}" is no domain; expected one such as relay-test.example.org`;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

const contact = z
  .string()
  .refine(
    (text) => typeof parseAddress(text) !== "string",
    "expected an address such as you@example.org",
  );

export const testerSchema = z.strictObject({
  domain: domain
    .optional()
    .describe(
      "the domain that test messages are addressed to and sent from; left out: the host name",
    ),
  contact: contact
    .optional()
    .describe("whom a test message names to write to; left out: the postmaster"),
  daily_cap: z.int().min(1).default(3).describe("tests of one server of somebody else in a day"),
  opt_out: z
    .string()
    .min(1)
    .optional()
    .describe(
      "file of servers that are not to be tested: names, addresses, networks, one a line; relative to this file",
    ),
  pace_ms: z
    .int()
    .min(0)
    .default(1000)
    .describe("milliseconds between two tries at a server that is not in a network of your own"),
  days: z
    .int()
    .min(7) // what comes back within five days must find its test
    .default(90)
    .describe("days a test and what came back of it are kept"),
});

export type TesterSettings = z.output<typeof testerSchema>;
