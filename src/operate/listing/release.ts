/** The brake as a person sees it, and lets it go. */
import { applied, type ListingSite } from "./site.ts";
import type { ListingZone } from "./settings.ts";

export interface BrakeState {
  readonly zone: string;
  /** Since when, milliseconds since 1970, and why; left out: it is not pulled. */
  readonly pulled?: { readonly at: number; readonly why: string };
}

export function brakes({ published, settings }: ListingSite): readonly BrakeState[] {
  return settings.zone.map(({ zone }) => {
    const { brake } = published.zone(zone);
    return { zone, ...(brake !== undefined && { pulled: brake }) };
  });
}

/** Of these zones; those whose brake was pulled, or the reason where none was. */
export async function releaseBrakes(
  site: ListingSite,
  zones: readonly ListingZone[],
  { by, why }: { readonly by: string; readonly why: string },
): Promise<readonly string[] | string> {
  const pulled = zones.filter(({ zone }) => site.published.zone(zone).brake !== undefined);
  if (pulled.length === 0) return "no brake is pulled";
  for (const { zone } of pulled) {
    const made = await applied(site, { zone, at: site.now(), by, origin: "person", action: "release", why, parts: [], state: { brake: null } }); // prettier-ignore
    if (typeof made === "string") return made;
  }
  return pulled.map(({ zone }) => zone);
}
