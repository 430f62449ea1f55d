/** Gathers what is known of somebody: entries, files, evidence, how he stands with the tester, and what was before. */
import type { Ip } from "../mail/index.ts";
import {
  DAY_MS,
  standings,
  zoneNamed,
  type Happened,
  type KeptEntry,
  type ListingZone,
  type Standing,
} from "../operate/listing/index.ts";
import {
  isLetBe,
  keptSuspect,
  scheduleOf,
  stayMs,
  type Suspect,
} from "../operate/suspects/index.ts";
import { evidenceView, withoutTokens } from "./listed-evidence.ts";
import type { AskedSubject } from "./listed-path.ts";
import type { ListedSite } from "./listed-site.ts";
import type { EntryView, ListedView, ListView, PastView, SuspectView, UnderWay } from "./listed-view.ts"; // prettier-ignore

/** In whose name a host asks that asks for itself. */
export const THE_HOST = "the host itself";

export async function gathered(site: ListedSite, asked: AskedSubject): Promise<ListedView> {
  const { acts } = site;
  const { subject, ip } = asked;
  const suspect = ip && suspectOf(site, ip);
  const all = await standings(acts, subject.text);
  const lists: ListView[] = [];
  for (const one of typeof all === "string" ? [] : all)
    lists.push(await listView(site, one, asked, suspect));
  const underWay = suspect && (await underWayOf(site, suspect));
  return {
    subject,
    at: acts.now(),
    listed: lists.some(({ entry, files }) => entry !== undefined || files.length > 0),
    lists,
    ...(suspect !== undefined && { suspect: suspectView(suspect) }),
    ...(underWay !== undefined && { underWay }),
    canAsk: underWay === undefined && ip !== undefined && canAsk(site, ip, suspect),
  };
}

/** Of one who was reported and nothing more nothing is said: else whoever sends to a mailbox could see here whether it is a trap. */
function suspectOf({ acts }: ListedSite, ip: Ip): Suspect | undefined {
  const stored = acts.suspects.find(ip);
  const suspect = stored && keptSuspect(stored);
  return suspect?.last === undefined && suspect?.asked === undefined ? undefined : suspect;
}

/** As `requestTest` will see it. */
function canAsk({ acts }: ListedSite, ip: Ip, suspect: Suspect | undefined): boolean {
  const { testing, published } = acts;
  if (testing === undefined) return false;
  const entry = published.find(testing.zone, ip);
  if (entry !== undefined) return entry.kind === "test";
  return suspect !== undefined && suspect.standing !== "clean" && !isLetBe(suspect);
}

/** One whose time has not come is not tested: what looks like a test of it was broken off. */
async function underWayOf(
  site: ListedSite,
  { asked, testing, due = Infinity }: Suspect,
): Promise<UnderWay | undefined> {
  const isDue = testing !== undefined && due <= site.acts.now();
  const running = isDue ? await site.running(testing) : undefined;
  if (asked === undefined && running === undefined) return undefined;
  return {
    ...(asked !== undefined && { asked: asked.at, byHost: asked.by === THE_HOST }),
    ...(running !== undefined && { running }),
  };
}

function suspectView({ standing, why, last, due }: Suspect): SuspectView {
  return {
    standing,
    why: withoutTokens(why), // it may quote the server
    ...(last !== undefined && { last: { test: last.id, at: last.at } }),
    ...(due !== undefined && { next: due }),
  };
}

async function listView(
  site: ListedSite,
  { zone: name, entry, history }: Standing,
  { subject }: AskedSubject,
  suspect: Suspect | undefined,
): Promise<ListView> {
  const zone = zoneNamed(site.acts, name);
  if (typeof zone === "string") throw new Error(zone); // it is one of them
  const retired = site.acts.published.zone(name).retiredAt !== undefined;
  return {
    zone: name,
    contact: zone.contact.replace(".", "@"), // RFC 1035 §3.3.13
    retired,
    ...(entry !== undefined && { entry: await entryView(site, zone, entry, suspect) }),
    files: retired ? [] : site.inFiles(zone, subject),
    before: history.map(pastView),
  };
}

async function entryView(
  site: ListedSite,
  zone: ListingZone,
  entry: KeptEntry,
  suspect: Suspect | undefined,
): Promise<EntryView> {
  const { subject, code = zone.code, reason, evidence, since, until, times } = entry;
  return {
    about: subject.text,
    code,
    reason,
    evidence: await evidenceView(site, evidence),
    since,
    until,
    times,
    leaving: leaving(site, entry, suspect),
  };
}

const BY_HAND = "When it ends, or when whoever keeps the list takes it off.";

function leaving(
  { acts: { testing } }: ListedSite,
  { zone, evidence, times }: KeptEntry,
  suspect: Suspect | undefined,
): string {
  if (evidence.kind !== "test" || testing === undefined) return BY_HAND;
  if (zone !== testing.zone)
    return zone === testing.outputs
      ? "When the host is mended whose messages came by it."
      : BY_HAND;
  const stay = stayMs(scheduleOf(testing), times);
  if (stay === 0) return "With the first test that finds it closed, within seconds of its end.";
  const often = times === 2 ? "it was listed before" : `it was listed ${times - 1} times before`;
  if (suspect?.cleanSince !== undefined)
    return `With its next test, if that finds it closed as the last one did: ${often}, so it stays for a while.`;
  return `When tests have found it closed for ${daysText(stay)}: ${often}.`;
}

function daysText(ms: number): string {
  const days = Math.max(1, Math.round(ms / DAY_MS));
  return days === 1 ? "a day" : `${days} days`;
}

function pastView(one: Happened): PastView {
  return { at: one.at, what: whatHappened(one) };
}

function whatHappened({ action, origin, before, after }: Happened): string {
  if (after !== undefined) {
    const reason = after.reason === "" ? "" : `: ${after.reason}`;
    return before === undefined ? `listed${reason}` : `renewed${reason}`;
  }
  if (action === "retire") return "taken off: the list was ended";
  if (origin === "time") return "ended by itself";
  return origin === "pipeline" ? "taken off after a test" : "taken off by whoever keeps the list";
}
