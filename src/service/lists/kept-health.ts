/** Health as the store keeps it: with the zone that it is of, without its key. */
import { createHash } from "node:crypto";
import type { DnsList, ListHealth } from "../../policy/lists/index.ts";

interface Kept {
  /** Of the zone, which may hold a key. */
  readonly zone: string;
  readonly health: ListHealth;
}

/** Of this shape; another one begins anew. */
const VERSION = 1;

export function writeHealth(health: ListHealth, { zone }: Pick<DnsList, "zone">): string {
  return JSON.stringify({ zone: digest(zone), health } satisfies Kept);
}

/** Undefined: nothing is kept of this zone. `json` is what `writeHealth` wrote, of this program or an older one. */
export function readHealth(
  json: string | undefined,
  { zone }: Pick<DnsList, "zone">,
): ListHealth | undefined {
  if (json === undefined) return undefined;
  const kept = JSON.parse(json) as Partial<Kept>; // our own words; what is not of this version is not looked at
  return kept.zone === digest(zone) && kept.health?.v === VERSION ? kept.health : undefined;
}

function digest(zone: string): string {
  return createHash("sha256").update(zone).digest("hex").slice(0, 16);
}
