/** What the lists say about somebody, and what was done: for `list show`, `list zones`, `list stats` and `list log`. */
import type { PublishedChange, PublishedPart } from "../../store/index.ts";
import { entryOf, keptEntry, type KeptEntry, type ListEntry } from "./entry.ts";
import { DAY_MS } from "./lifetime.ts";
import type { ListingSite } from "./site.ts";
import type { ListingZone } from "./settings.ts";
import { parseSubjects, subjectsAround, type ZoneKind } from "./subject.ts";

/** What a zone says. */
export interface Standing {
  readonly zone: string;
  readonly kind: ZoneKind;
  /** The entry that is answered about: of those around, the narrowest. */
  readonly entry?: KeptEntry;
  /** Wider ones around it. */
  readonly around: readonly KeptEntry[];
  /** The latest first, of the very subject that was asked about. */
  readonly history: readonly Happened[];
}

export interface Happened extends PublishedChange {
  readonly before?: ListEntry;
  readonly after?: ListEntry;
}

/** Changes of one subject that are told. */
const HISTORY_LIMIT = 50;

/** In all zones where it could stand; the reason where it could in none. */
export async function standings(
  site: ListingSite,
  text: string,
): Promise<readonly Standing[] | string> {
  const { settings } = site;
  if (settings.zone.length === 0)
    return "no list is published here; the setting [[listing.zone]] makes one";
  const found: Standing[] = [];
  let reason = "";
  for (const zone of settings.zone) {
    const standing = await standingIn(site, zone, text);
    if (typeof standing === "string") reason = standing;
    else found.push(standing);
  }
  return found.length > 0 ? found : `"${text}": ${reason}`;
}

async function standingIn(
  { published, now }: ListingSite,
  { zone, kind }: ListingZone,
  text: string,
): Promise<Standing | string> {
  const subjects = parseSubjects(text, kind);
  if (typeof subjects === "string") return subjects;
  const [subject] = subjects;
  if (subject === undefined) return "expected somebody";
  const all = subjectsAround(subject).flatMap((one) => published.find(zone, one.text) ?? []);
  const [entry, ...around] = all.map(keptEntry).filter(({ until }) => until > now());
  const history = await published.history(zone, subject.text, HISTORY_LIMIT);
  return {
    zone,
    kind,
    ...(entry !== undefined && { entry }),
    around,
    history: history.map(({ before, after, ...change }) => ({
      ...change,
      ...happened({ subject: subject.text, before, after }),
    })),
  };
}

function happened({
  subject,
  before,
  after,
}: {
  subject: string;
  before: PublishedPart["before"] | undefined;
  after: PublishedPart["after"] | undefined;
}) {
  return {
    ...(before !== undefined && { before: entryOf(subject, before) }),
    ...(after !== undefined && { after: entryOf(subject, after) }),
  };
}

export interface ZoneFigures {
  readonly zone: string;
  readonly kind: ZoneKind;
  readonly retiredAt?: number;
  readonly brake?: { readonly at: number; readonly why: string };
  readonly serial: number;
  readonly entries: number;
  /** IPv4 addresses, /64s of IPv6, names. */
  readonly size: number;
  readonly firstEnd?: number;
  /** How many have evidence of each kind. */
  readonly evidence: ReadonlyMap<string, number>;
  readonly day: { readonly listed: number; readonly removed: number };
  readonly week: { readonly listed: number; readonly removed: number };
}

export async function zoneFigures({
  published,
  settings,
  now,
}: ListingSite): Promise<readonly ZoneFigures[]> {
  const all: ZoneFigures[] = [];
  for (const { zone, kind } of settings.zone) {
    const { serial, retiredAt, brake } = published.zone(zone);
    const { entries, weight: size, firstEnd } = await published.figures(zone);
    all.push({
      zone,
      kind,
      serial,
      entries,
      size,
      ...(retiredAt !== undefined && { retiredAt }),
      ...(brake !== undefined && { brake }),
      ...(firstEnd !== undefined && { firstEnd }),
      evidence: await published.kinds(zone),
      day: published.grown(zone, now() - DAY_MS),
      week: published.grown(zone, now() - 7 * DAY_MS),
    });
  }
  return all;
}
