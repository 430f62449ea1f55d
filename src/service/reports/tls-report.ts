/**
 * A report's JSON (RFC 8460 §4.4) → what is kept of it, one report for each domain that it is about. Strict about who
 * reports on whom, when and how often; whatever else it holds may be missing, unknown or too long, and is passed over or cut.
 */
import { z } from "zod";
import { parseDomain, TLS_POLICY_TYPES } from "../../mail/index.ts";
import type { ReportedFailure, ReportedPolicy, TlsReport } from "../../store/index.ts";
import { Unreadable } from "./unreadable.ts";

/** Characters of what names a report. */
const NAME_LIMIT = 255;
/** Characters kept of any other text. */
const TEXT_LIMIT = 200;
/** Kept of a policy's lines, and of the names of its hosts. */
const LINES = 10;
/** Of one report. */
const POLICIES = 100;
/** Octets of JSON kept about one domain, besides its figures: of what failed the rarest goes first. */
const KEPT_OCTETS = 16_384;
/** Sessions of a day that nobody has. */
const COUNT_LIMIT = 1_000_000_000_000;

const cut = z.string().transform((text) => text.slice(0, TEXT_LIMIT));
/** What may be left out; of another type it is as if it were. */
const optional = cut
  .optional()
  .catch(undefined)
  .transform((text) => text ?? "");
const count = z.int().min(0).max(COUNT_LIMIT);
const name = z.string().min(1).max(NAME_LIMIT);
const list = z
  .union([z.array(z.string()), z.string().transform((one) => [one])])
  .optional()
  .catch(undefined)
  .transform((lines) => (lines ?? []).slice(0, LINES).map((line) => line.slice(0, TEXT_LIMIT)));
const time = z
  .string()
  .max(40)
  .transform((text, context) => {
    const at = Date.parse(text);
    if (at >= 0) return at;
    context.addIssue({ code: "custom", message: "no time" });
    return z.NEVER;
  });
const domain = z.string().transform((text, context) => {
  const known = parseDomain(text.toLowerCase().replace(/\.$/, ""));
  if (known !== undefined) return known;
  context.addIssue({ code: "custom", message: "no domain" });
  return z.NEVER;
});

const failureSchema = z
  .object({
    "result-type": cut,
    "failed-session-count": count.optional().transform((sessions) => sessions ?? 1),
    "sending-mta-ip": optional,
    "receiving-mx-hostname": optional,
    "receiving-mx-helo": optional,
    "receiving-ip": optional,
    "failure-reason-code": optional,
    "additional-information": optional,
    "additional-info-uri": optional, // as it is named in RFC 8460's own example
  })
  .transform((failure): ReportedFailure => ({
    result: failure["result-type"],
    sessions: failure["failed-session-count"],
    sendingIp: failure["sending-mta-ip"],
    mx: failure["receiving-mx-hostname"],
    helo: failure["receiving-mx-helo"],
    receivingIp: failure["receiving-ip"],
    reason: failure["failure-reason-code"],
    information: failure["additional-information"] || failure["additional-info-uri"],
  }));

const policySchema = z.object({
  policy: z.object({
    "policy-type": z.enum(TLS_POLICY_TYPES),
    "policy-domain": domain,
    "policy-string": list,
    "mx-host": list,
  }),
  summary: z.object({
    "total-successful-session-count": count,
    "total-failure-session-count": count,
  }),
  "failure-details": z.array(failureSchema).nullish(),
});

const reportSchema = z.object({
  "organization-name": name,
  "report-id": name,
  "contact-info": optional,
  "date-range": z.object({ "start-datetime": time, "end-datetime": time }),
  policies: z.array(policySchema).min(1).max(POLICIES),
});

/** Throws `Unreadable`, which names the first field that will not do. */
export function reportsOf(value: unknown): readonly TlsReport[] {
  const read = reportSchema.safeParse(value);
  if (!read.success) throw new Unreadable(problemOf(read.error));
  const { "date-range": range, policies, ...report } = read.data;
  const byDomain = Map.groupBy(policies, ({ policy }) => policy["policy-domain"]);
  const [beginsAt, endsAt] = [range["start-datetime"], range["end-datetime"]];
  if (beginsAt > endsAt) throw new Unreadable("date-range: ends before it begins");
  return [...byDomain].map(([about, own]) => ({
    organisation: report["organization-name"],
    reportId: report["report-id"],
    domain: about,
    beginsAt,
    endsAt,
    contact: report["contact-info"],
    policies: keptOf(own),
  }));
}

type ReadPolicy = z.output<typeof policySchema>;

function keptOf(policies: readonly ReadPolicy[]): readonly ReportedPolicy[] {
  const room = new Room(KEPT_OCTETS);
  return policies.map(({ policy, summary, "failure-details": details }) => {
    const sorted = (details ?? []).toSorted((a, b) => b.sessions - a.sessions);
    const failures = room.first(sorted);
    return {
      type: policy["policy-type"],
      strings: room.first(policy["policy-string"]),
      hosts: room.first(policy["mx-host"]),
      succeeded: summary["total-successful-session-count"],
      failed: summary["total-failure-session-count"],
      failures,
      leftOut: sorted.length - failures.length,
    };
  });
}

/** Octets of JSON that are left. */
class Room {
  #octets: number;

  constructor(octets: number) {
    this.#octets = octets;
  }

  /** As many as there is room for. */
  first<Item>(items: readonly Item[]): readonly Item[] {
    const fitting = items.findIndex((item) => {
      const octets = Buffer.byteLength(JSON.stringify(item)) + 1;
      if (octets > this.#octets) return true;
      this.#octets -= octets;
      return false;
    });
    return fitting < 0 ? items : items.slice(0, fitting);
  }
}

function problemOf({ issues }: z.ZodError): string {
  const [first] = issues;
  return `${first?.path.join(".") ?? ""}: ${first?.message ?? "no report"}`.slice(0, TEXT_LIMIT);
}
