/**
 * The one schema of the configuration, joined from each room's settings.ts. Every key has its default and its
 * description here or there; what is not in it is an error, so that a misspelt limit cannot silently be none.
 */
import { z } from "zod";
import { isFullyQualified, parseAddress, parseDomain } from "../mail/index.ts";
import {
  asksCertificate,
  connectionLimitsSchema,
  dnsSchema,
  httpSchema,
  listenSchema,
  tlsSchema,
  type ListenSettings,
} from "../net/settings.ts";
import { mtaStsSchema } from "../operate/doctor/settings.ts";
import { journalSchema } from "../operate/journal/settings.ts";
import { listingSchema } from "../operate/listing/settings.ts";
import { servingLimitsSchema } from "../operate/listing/serving/settings.ts";
import { suspectsProblems, suspectsSchema } from "../operate/suspects/settings.ts";
import { testerSchema } from "../operate/tester/settings.ts";
import { admissionSchema, recipientsSchema, relaySchema } from "../policy/checks/settings.ts";
import { listedSchema, listsSchema } from "../policy/lists/settings.ts";
import { accountsSchema } from "../service/accounts/settings.ts";
import { authenticationSchema } from "../service/authentication/settings.ts";
import { deliverySchema, routesSchema } from "../service/delivery/settings.ts";
import { maildropSchema } from "../service/maildrop/settings.ts";
import {
  greylistSchema,
  ratesSchema,
  receiveLimitsSchema,
  submissionSchema,
} from "../service/receive/settings.ts";
import { queueSchema } from "../service/queue/settings.ts";
import { reportsSchema } from "../service/reports/settings.ts";
import { sendingSchema } from "../service/sending/settings.ts";

const hostname = z.string().transform((text, context) => {
  const domain = parseDomain(text);
  if (domain !== undefined && isFullyQualified(domain)) return domain;
  context.addIssue({
    code: "custom",
    message: `"${text}" is no fully qualified host name; expected one such as mx.example.org`,
  });
  return z.NEVER;
});

const mailboxAddress = z.string().transform((text, context) => {
  const address = parseAddress(text);
  if (typeof address !== "string" && address.host.kind === "domain") return address;
  context.addIssue({
    code: "custom",
    message: `"${text}" is no address; expected one such as you@example.org`,
  });
  return z.NEVER;
});

const store = z
  .string()
  .regex(/^sqlite:./, 'expected "sqlite:" and a file, such as "sqlite:gatepost.db"')
  .default("sqlite:gatepost.db");

const tables = z.strictObject({
  hostname: hostname.describe("this server's own name in the DNS"),
  store: store.describe("where mail, mailboxes and the journal are kept; relative to this file"),
  postmaster: mailboxAddress.describe("the mailbox that takes mail for postmaster and abuse"),
  listen: listenSchema.prefault({}),
  tls: tlsSchema.optional().describe("left out: no TLS is offered"),
  limits: z
    .strictObject({ ...connectionLimitsSchema, ...receiveLimitsSchema, ...servingLimitsSchema })
    .prefault({}),
  accounts: accountsSchema.prefault({}),
  submission: submissionSchema.prefault({}),
  sending: sendingSchema.prefault({}),
  authentication: authenticationSchema.prefault({}),
  lists: listsSchema.describe("lists of strangers that are asked; none by default"),
  listed: listedSchema.prefault({}),
  rates: ratesSchema.prefault({}),
  greylist: greylistSchema.prefault({}),
  pop3: maildropSchema.prefault({}),
  dns: dnsSchema.prefault({}),
  http: httpSchema.prefault({}),
  mta_sts: mtaStsSchema.prefault({}),
  relay: relaySchema.prefault({}),
  admission: admissionSchema.prefault({}),
  recipients: recipientsSchema.prefault({}),
  queue: queueSchema.prefault({}),
  delivery: deliverySchema.prefault({}),
  routes: routesSchema
    .prefault({})
    .describe("where mail for a domain goes instead of its MX; * is for all others"),
  journal: journalSchema.prefault({}),
  reports: reportsSchema.prefault({}),
  tester: testerSchema.prefault({}),
  listing: listingSchema.prefault({}),
  suspects: suspectsSchema
    .optional()
    .describe(
      "hosts that are reported as open relays are tested, and listed where they are; left out: none is",
    ),
  log: z
    .strictObject({
      level: z
        .enum(["info", "warn", "error", "silent"])
        .default("info")
        .describe("the least important lines that are written to standard error"),
      lines_per_address: z
        .int()
        .min(1)
        .default(6000)
        .describe("lines of normal business a minute that one address can cause"),
    })
    .prefault({}),
});

/** A port that is meant for TLS must not open in the clear because its certificate was forgotten; nor may a demand lead nowhere. */
export const configSchema = tables.superRefine((settings, context) => {
  const { listen, tls, delivery, routes, recipients, authentication } = settings;
  for (const { key, message } of suspectsProblems(settings))
    context.addIssue({ code: "custom", path: ["suspects", ...key], message });
  if (recipients.unknown === "report" && !authentication.enabled)
    context.addIssue({ code: "custom", path: ["recipients", "unknown"], message: REPORTS_IN_VAIN });
  for (const domain of delivery.require.keys()) {
    const route = routes.has(domain) ? domain : "*";
    const message = `mail for ${domain} goes by the route "${route}", which says itself what it asks for: tls, and ca, pin or tls_verify`;
    if (routes.has(route))
      context.addIssue({ code: "custom", path: ["delivery", "require", domain], message });
  }
  const problem = (service: keyof ListenSettings, i: number, message: string | undefined): void => {
    if (message !== undefined)
      context.addIssue({ code: "custom", path: ["listen", service, i], message });
  };
  for (const service of ["smtp", "submission", "submissions", "pop3", "pop3s"] as const)
    for (const [i, listener] of listen[service].entries()) {
      const asked = typeof listener === "string" ? undefined : listener.tls;
      const asksInVain = asksCertificate(listener) && (tls === undefined || asked === "off");
      const message = tlsProblem(service, asked, tls !== undefined);
      problem(service, i, message ?? (asksInVain ? ASKS_IN_VAIN : undefined));
    }
  for (const i of listen.https.keys())
    problem("https", i, tlsProblem("https", undefined, tls !== undefined));
});

const REPORTS_IN_VAIN =
  'only senders whom SPF verifies are told, and authentication.enabled = false asks nobody; expected "refuse", or authentication.enabled = true';

const ASKS_IN_VAIN =
  'a client shows its certificate over TLS, which this port has not; expected the table [tls], no tls = "off" here, or client_certificate = "off"';

function tlsProblem(
  service: keyof ListenSettings,
  asked: "starttls" | "implicit" | "off" | undefined,
  certificate: boolean,
): string | undefined {
  const login = service === "submission" || service === "submissions";
  if (login && asked === "off")
    return 'nobody can log in here without TLS; expected "starttls" or "implicit"';
  const begins = asked ?? (service === "smtp" || service === "pop3" ? "off" : "implicit");
  if (certificate || begins === "off") return undefined;
  return "this port is for TLS; expected a certificate in the table [tls]";
}

export type Config = z.output<typeof configSchema>;
