/** A host is reported: it is tested soon, if it may be listed at all. */
import { parseIp, type Ip } from "../../mail/index.ts";
import type { ReportOrigin } from "../../store/index.ts";
import { DAY_MS, guardProblem, parseSubjects } from "../listing/index.ts";
import type { Cause } from "./cause.ts";
import { afterReport } from "./reported.ts";
import { changed, scheduleOf, type SuspectSite } from "./site.ts";
import type { Suspect } from "./suspect.ts";

export interface Report {
  /** As it was written. */
  readonly host: string;
  readonly origin: ReportOrigin;
  readonly by: string;
  readonly cause: Cause;
}

/** Hosts whose time has come, beyond which only a person at the machine reports another one: weeks of tests, of most of them in vain by then. */
const WAITING = 10_000;

export const NO_TESTS = "this site tests nobody for a list; the setting suspects.zone says where a host goes that relays"; // prettier-ignore

/** The reason where nobody is tested for it. */
export async function reportSuspect(site: SuspectSite, report: Report): Promise<Suspect | string> {
  const settings = site.testing;
  if (settings === undefined) return NO_TESTS;
  const read = suspectAddress(site, report.host);
  if (read.kind === "no") return read.why;
  const { ip } = read;
  const { origin, by, cause } = report;
  const at = site.now();
  // A person at the machine may report as much as he wants; traps count the networks of hosts (traps.ts).
  const before = origin === "mail" ? await site.suspects.countReports(by, at - DAY_MS) : 0;
  if (before >= settings.reports_per_day)
    return `${by} has reported ${before} hosts in the last day (suspects.reports_per_day)`;
  const isNew = site.suspects.find(ip) === undefined;
  if (isNew && origin !== "command" && site.suspects.countDue(at, WAITING) === WAITING)
    return `${WAITING} hosts wait for their tests: no more are taken from mail and traps until there is room`;
  const schedule = scheduleOf(settings);
  const kept = { at, origin, by, cause: JSON.stringify(cause) };
  return changed(site, ip, (suspect) => afterReport(ip, suspect, schedule, at), kept);
}

type ReadAddress =
  | { readonly kind: "ip"; readonly ip: Ip }
  | { readonly kind: "no"; readonly why: string };

/** One host, which may be listed. */
export function suspectAddress(
  { hostRules }: Pick<SuspectSite, "hostRules">,
  text: string,
): ReadAddress {
  const subjects = parseSubjects(text, "addresses");
  const [subject] = typeof subjects === "string" ? [] : subjects;
  const ip = subject && parseIp(subject.text);
  if (subject === undefined || ip === undefined)
    return no(`"${text}" is no host; expected one address such as 192.0.2.7 or 2001:db8::7`);
  const problem = guardProblem(subject, hostRules);
  return problem === undefined ? { kind: "ip", ip } : no(`${ip} is not tested: ${problem}`);
}

function no(why: string): ReadAddress {
  return { kind: "no", why };
}
