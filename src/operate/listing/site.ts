/** What the acts of an operator on his lists need: where they are kept, what is configured, what is never listed; and how a zone is found. */
import type { Published, PublishedEdit } from "../../store/index.ts";
import type { GuardRules, ProtectedSubject } from "./guards.ts";
import type { ListingSettings, ListingZone } from "./settings.ts";
import type { Lifetimes } from "./lifetime.ts";

export interface ListingSite {
  readonly published: Published;
  readonly settings: ListingSettings;
  readonly rules: GuardRules;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** `own`: the site's own addresses and names, beside what the setting protects. */
export function guardRules(
  settings: ListingSettings,
  own: readonly ProtectedSubject[],
): GuardRules {
  const named = settings.protected.flatMap(({ text, addresses, names }) =>
    [...addresses, ...names].map((subject) => ({
      subject,
      whose: `listing.protected has ${text}`,
    })),
  );
  return {
    widestV4: settings.widest_v4,
    widestV6: settings.widest_v6,
    specialRanges: settings.special_ranges,
    protected: [...own, ...named],
  };
}

export function lifetimes(settings: ListingSettings): Lifetimes {
  return {
    test: settings.test_days,
    sample: settings.sample_days,
    note: settings.note_days,
    import: settings.import_days,
  };
}

/** By its name, or by its first labels where no other zone has them; the reason where there is none. */
export function zoneNamed(
  { settings }: Pick<ListingSite, "settings">,
  text: string,
): ListingZone | string {
  const wanted = text.toLowerCase().replace(/\.$/, "");
  const found = settings.zone.filter(({ zone }) => zone === wanted);
  const begun = settings.zone.filter(({ zone }) => zone.startsWith(`${wanted}.`));
  const [zone, ...more] = found.length > 0 ? found : begun;
  if (zone !== undefined && more.length === 0) return zone;
  return zone === undefined ? noZone(settings, text) : `${text} could be ${begun.map((one) => one.zone).join(" or ")}`; // prettier-ignore
}

function noZone({ zone }: ListingSettings, text: string): string {
  if (zone.length === 0) return "no list is published here; the setting [[listing.zone]] makes one";
  return `there is no zone ${text}; expected one of ${zone.map((one) => one.zone).join(", ")}`;
}

/** What became of a change; the reason where nothing did. */
export interface Made {
  /** Number of the change. */
  readonly id: number;
}

export async function applied(
  { published }: ListingSite,
  edit: PublishedEdit,
): Promise<Made | string> {
  const result = await published.apply(edit);
  if (result.kind === "changed") return { id: result.id };
  return `somebody else has just changed ${result.subject} in ${edit.zone}; nothing was done`;
}
