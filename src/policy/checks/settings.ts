/**
 * For whom mail may leave besides those who log in: networks that are trusted, domains whose mailboxes are elsewhere.
 * Nothing by default. Joined into the one configuration schema.
 */
import { z } from "zod";
import {
  IDENTITY_LEVELS,
  parseCidr,
  parseDomain,
  type Domain,
  type IdentityLevel,
} from "../../mail/index.ts";
import { parseGatewayHost, parseMailboxes, type InnerHost } from "../routing/index.ts";
import { ACCEPTABLE_DANGERS } from "./trusted-network.ts";

const count = (least: number, otherwise: number, what: string) =>
  z.int().min(least).default(otherwise).describe(what);

const block = z.string().transform((text, context) => {
  const cidr = parseCidr(text);
  if (cidr !== undefined) return cidr;
  const message = "expected an address or a block such as 192.0.2.7 or 192.0.2.0/28";
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

const domain = z.string().transform((text, context) => {
  const read = parseDomain(text);
  if (read !== undefined) return read;
  const message = `"${text}" is no domain name; expected one such as inner.example.org`;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

const innerHost = (parse: (text: string) => InnerHost | string) =>
  z.string().transform((text, context) => {
    const read = parse(text);
    if (typeof read !== "string") return read;
    context.addIssue({ code: "custom", message: read });
    return z.NEVER;
  });

const network = z.strictObject({
  network: block.describe("addresses that may send anywhere without a login"),
  reason: z
    .string()
    .regex(/\S\s+\S/, "expected words: who is there, and why they cannot log in")
    .describe("who is there, and why they cannot log in; shown by `gatepost check`"),
  accepts: z
    .array(z.enum(ACCEPTABLE_DANGERS))
    .default([])
    .describe("dangers of this entry that are known and accepted, by name"),
});

const gateway = z
  .strictObject({
    domain: domain.describe("a domain of ours whose mailboxes are elsewhere"),
    host: innerHost(parseGatewayHost)
      .optional()
      .describe("a gateway's: the mail server behind us, an address or a name"),
    mailboxes: innerHost(parseMailboxes)
      .optional()
      .describe("the store that has them and takes LMTP (Dovecot, Cyrus): a socket or a host"),
    verify: z
      .boolean()
      .default(true)
      .describe("ask there about each recipient, so that unknown ones are refused at once"),
  })
  .transform(({ domain: name, host, mailboxes, verify }, context) => {
    const there = mailboxes ?? host;
    if (there !== undefined && (host === undefined || mailboxes === undefined))
      return { domain: name, host: there, verify };
    const message =
      'expected one of mailboxes, such as "lmtp:/run/dovecot/lmtp", and host, such as "smtp://10.0.0.5:25"';
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });

export const relaySchema = z
  .strictObject({
    networks: z.array(network).default([]).describe("trusted networks"),
    foreign_spread: count(
      1,
      100,
      "domains of foreign senders, times domains sent to, from one trusted address in an hour; beyond, it is held for an hour",
    ),
    domains: z.array(gateway).default([]).describe("domains of ours whose mailboxes are elsewhere"),
    known_seconds: count(0, 86_400, "seconds that a recipient is known without asking again"),
    stale_seconds: count(
      0,
      604_800,
      "seconds that a recipient, once known, is taken while its host cannot be asked",
    ),
    unknown_seconds: count(0, 600, "seconds that a recipient is unknown without asking again"),
    remembered_recipients: count(1, 10_000, "recipients remembered, of all gateway domains"),
    questions: count(1, 10, "questions to one host at once, each over a connection of its own"),
    question_seconds: count(1, 30, "seconds a host may take for one"),
  })
  .superRefine(({ domains }, context) => {
    const seen = new Set<string>();
    for (const [i, { domain: name }] of domains.entries()) {
      const message = `${name} is named twice`;
      if (seen.has(name))
        context.addIssue({ code: "custom", path: ["domains", i, "domain"], message });
      seen.add(name);
    }
  });

export type RelaySettings = z.output<typeof relaySchema>;

/** What becomes of mail for somebody whom nobody knows here. */
export const recipientsSchema = z.strictObject({
  unknown: z
    .enum(["refuse", "report"])
    .default("refuse")
    .describe(
      "refuse: in the session; report: by mail, to senders whom SPF verifies, all others are refused",
    ),
  reports_per_hour: count(
    1,
    20,
    "messages of one sender domain that are so reported in an hour; beyond, its unknown recipients are refused",
  ),
  reported_recipients: count(
    1,
    10,
    "unknown recipients of one message that its report names; beyond, they are refused",
  ),
});

export type RecipientsSettings = z.output<typeof recipientsSchema>;

const level = z.enum(IDENTITY_LEVELS);

export const admissionSchema = z.strictObject({
  require: level
    .default("none")
    .describe("how well it must be known who writes to port 25; beyond: refused"),
  observe: level
    .optional()
    .describe("the same, but only written into the journal, and nobody is refused"),
  domains: z
    .record(z.string(), level)
    .transform((table, context): ReadonlyMap<Domain, IdentityLevel> => {
      const read = new Map<Domain, IdentityLevel>();
      for (const [name, wanted] of Object.entries(table)) {
        const parsed = parseDomain(name);
        if (parsed === undefined)
          context.addIssue({ code: "custom", path: [name], message: "expected a domain" });
        else read.set(parsed, wanted);
      }
      return read;
    })
    .prefault({})
    .describe("instead of require, for who writes in the name of a domain"),
});

export type AdmissionSettings = z.output<typeof admissionSchema>;
