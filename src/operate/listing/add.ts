/** An entry is made, or renewed. What lists by itself is stopped by the brake; a person is not. */
import type { PublishedOrigin } from "../../store/index.ts";
import { burstProblem, growthProblem } from "./brake.ts";
import { parseCode } from "./code.ts";
import { entryOf, factsOf, keptEntry, type Evidence, type ListEntry } from "./entry.ts";
import { guardProblem } from "./guards.ts";
import { DAY_MS, endOf } from "./lifetime.ts";
import { applied, lifetimes, type ListingSite, type Made } from "./site.ts";
import type { ListingZone } from "./settings.ts";
import { parseSubjects, weightOf, type Subject } from "./subject.ts";
import { readText, TEXT_OCTETS } from "./text.ts";

export interface EntryWanted {
  readonly zone: ListingZone;
  readonly subject: string;
  readonly reason: string;
  readonly evidence: Evidence;
  /** Left out: the zone's. */
  readonly code?: string;
  /** Milliseconds since 1970; left out: by the kind of the evidence. */
  readonly until?: number;
  readonly by: string;
  readonly origin: Exclude<PublishedOrigin, "time">;
}

export interface Added extends Made {
  readonly kind: "added";
  readonly entries: readonly ListEntry[];
  /** They were there already, and have a new end, and new evidence. */
  readonly renewed: boolean;
}

/** The brake is pulled: nothing was listed. */
export interface Held {
  readonly kind: "held";
  readonly why: string;
}

const HOUR_MS = 3_600_000;

/** The reason where it cannot be. */
export async function addEntry(
  site: ListingSite,
  wanted: EntryWanted,
): Promise<Added | Held | string> {
  const subjects = parseSubjects(wanted.subject, wanted.zone.kind);
  if (typeof subjects === "string") return `"${wanted.subject}": ${subjects}`;
  const problem = zoneProblem(site, wanted.zone) ?? guarded(site, subjects);
  if (problem !== undefined) return problem;
  const now = site.now();
  const entries: ListEntry[] = [];
  for (const subject of subjects) {
    const entry = await newEntry(site, wanted, subject, now);
    if (typeof entry === "string") return entry;
    entries.push(entry);
  }
  const { zone, by, origin, reason } = wanted;
  const parts = entries.map((entry) => ({
    subject: entry.subject.text,
    seen: site.published.find(zone.zone, entry.subject.text)?.change ?? 0,
    after: factsOf(entry),
  }));
  const renewed = parts.every(({ seen }) => seen > 0);
  const held = origin === "pipeline" ? await brakeFor(site, zone, entries, now) : undefined;
  if (held !== undefined) return { kind: "held", why: held };
  const action = renewed ? "renew" : "add";
  const made = await applied(site, { zone: zone.zone, at: now, by, origin, action, why: reason, parts }); // prettier-ignore
  return typeof made === "string" ? made : { kind: "added", ...made, entries, renewed };
}

export function zoneProblem({ published }: ListingSite, { zone }: ListingZone): string | undefined {
  if (published.zone(zone).retiredAt === undefined) return undefined;
  return `${zone} is retired: it lists nobody any more`;
}

function guarded({ rules }: ListingSite, subjects: readonly Subject[]): string | undefined {
  for (const subject of subjects) {
    const problem = guardProblem(subject, rules);
    if (problem !== undefined) return `${subject.text} cannot be listed: ${problem}`;
  }
  return undefined;
}

async function newEntry(
  site: ListingSite,
  wanted: EntryWanted,
  subject: Subject,
  now: number,
): Promise<ListEntry | string> {
  const reason = readText(wanted.reason);
  if (reason === undefined || reason === "")
    return `the reason: expected a text of at most ${TEXT_OCTETS} octets on one line`;
  const { evidence, by, zone } = wanted;
  const code = wanted.code === undefined ? undefined : parseCode(wanted.code);
  if (wanted.code !== undefined && code === undefined)
    return `the code ${wanted.code}: expected an address from 127.0.0.2 on within 127.0.0.0/8, and not of 127.255.255.0/24`;
  const until = endOf(evidence.kind, now, lifetimes(site.settings), wanted.until);
  if (typeof until === "string") return until;
  const before = await since(site, zone.zone, subject.text, now);
  return {
    subject,
    ...(code !== undefined && code !== zone.code && { code }),
    reason,
    evidence,
    by,
    until,
    ...before,
  };
}

/** From when on it is listed, and the how manieth time it is: one that is over, or was removed, was one before. */
export async function since(
  { published }: Pick<ListingSite, "published">,
  zone: string,
  subject: string,
  now: number,
): Promise<Pick<ListEntry, "since" | "times">> {
  const stored = published.find(zone, subject);
  const there = stored && keptEntry(stored);
  if (there !== undefined && there.until > now) return { since: there.since, times: there.times };
  if (there !== undefined) return { since: now, times: there.times + 1 };
  const [last] = await published.history(zone, subject, 1);
  const facts = last?.after ?? last?.before;
  return { since: now, times: facts === undefined ? 1 : entryOf(subject, facts).times + 1 };
}

/** Why nothing is listed by itself now; the brake is pulled where this is one too many. */
async function brakeFor(
  site: ListingSite,
  { zone }: ListingZone,
  entries: readonly ListEntry[],
  now: number,
): Promise<string | undefined> {
  const { published, settings } = site;
  const { brake } = published.zone(zone);
  if (brake !== undefined) return brake.why;
  const fresh = entries.filter(({ subject }) => published.find(zone, subject.text) === undefined);
  const coming = {
    listed: fresh.length,
    weight: fresh.reduce((sum, { subject }) => sum + weightOf(subject), 0),
  };
  if (coming.listed === 0) return undefined;
  const limits = { burst: settings.burst, growthPercent: settings.growth_percent };
  const growth = {
    figures: await published.figures(zone),
    hour: published.grown(zone, now - HOUR_MS, "pipeline"),
    day: published.grown(zone, now - DAY_MS),
  };
  const why = burstProblem(growth, limits, coming) ?? growthProblem(growth, limits, coming);
  if (why === undefined) return undefined;
  await applied(site, { zone, at: now, by: "gatepost", origin: "pipeline", action: "brake", why, parts: [], state: { brake: why } }); // prettier-ignore
  return why;
}
