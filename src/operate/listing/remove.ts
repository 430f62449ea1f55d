/** Entries are taken out: one, in one zone or in all; or all of a zone, for good. Neither is ever stopped by a brake. */
import type { PublishedEditPart } from "../../store/index.ts";
import { entriesOf } from "./dataset.ts";
import { applied, type ListingSite, type Made } from "./site.ts";
import type { ListingZone } from "./settings.ts";
import { parseSubjects, subjectsAround, type Subject } from "./subject.ts";

export interface Removed extends Made {
  readonly zone: string;
  readonly subjects: readonly string[];
}

export interface RemovalWanted {
  readonly subject: string;
  /** Left out: all zones. */
  readonly zone?: ListingZone;
  readonly why: string;
  readonly by: string;
  readonly origin: "person" | "pipeline";
}

/** A change for each zone; the reason where nothing was removed. */
export async function removeEntry(
  site: ListingSite,
  wanted: RemovalWanted,
): Promise<readonly Removed[] | string> {
  const zones = wanted.zone === undefined ? site.settings.zone : [wanted.zone];
  const removed: Removed[] = [];
  const reasons: string[] = [];
  let unreadable = "no list is published here";
  for (const zone of zones) {
    const subjects = parseSubjects(wanted.subject, zone.kind);
    if (typeof subjects === "string") {
      unreadable = `"${wanted.subject}": ${subjects}`;
      continue;
    }
    const made = await removeIn(site, zone, subjects, wanted);
    if (typeof made === "string") return made;
    if (made === undefined)
      reasons.push(...subjects.map((subject) => notThere(site, zone, subject)));
    else removed.push(made);
  }
  if (removed.length > 0) return removed;
  return reasons.join("\n") || unreadable;
}

async function removeIn(
  site: ListingSite,
  { zone }: ListingZone,
  subjects: readonly Subject[],
  { why, by, origin }: RemovalWanted,
): Promise<Removed | string | undefined> {
  const parts: readonly PublishedEditPart[] = subjects.flatMap(({ text }) => {
    const entry = site.published.find(zone, text);
    return entry === undefined ? [] : [{ subject: text, seen: entry.change }];
  });
  if (parts.length === 0) return undefined;
  const made = await applied(site, { zone, at: site.now(), by, origin, action: "remove", why, parts }); // prettier-ignore
  if (typeof made === "string") return made;
  return { ...made, zone, subjects: parts.map(({ subject }) => subject) };
}

/** Whoever is listed within a block is told its name. */
function notThere({ published }: ListingSite, { zone }: ListingZone, subject: Subject): string {
  const around = subjectsAround(subject).find(({ text }) => published.find(zone, text) !== undefined); // prettier-ignore
  const within = around === undefined ? "" : `, but ${around.text} is, which it is in`;
  return `${subject.text} is no entry of ${zone}${within}`;
}

export interface Retired extends Made {
  readonly zone: string;
  readonly removed: number;
}

/** From now on the zone lists nobody, and answers so. */
export async function retireZone(
  site: ListingSite,
  { zone }: ListingZone,
  { by, why }: { readonly by: string; readonly why: string },
): Promise<Retired | string> {
  if (site.published.zone(zone).retiredAt !== undefined) return `${zone} is retired already`;
  const parts: PublishedEditPart[] = [];
  for await (const { subject, change } of entriesOf(site.published, zone))
    parts.push({ subject, seen: change });
  const state = { retired: true };
  const made = await applied(site, { zone, at: site.now(), by, origin: "person", action: "retire", why, parts, state }); // prettier-ignore
  return typeof made === "string" ? made : { ...made, zone, removed: parts.length };
}
