/** A site with two lists, on a store of its own, at a time that a test says. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import {
  addEntry,
  guardRules,
  parseSubjects,
  type EntryWanted,
  type ListingSite,
  type ListingZone,
  type ProtectedSubject,
  type Subject,
  type ZoneKind,
} from "../../../src/operate/listing/index.ts";
import { listingSchema } from "../../../src/operate/listing/settings.ts";
import { openSqliteStore } from "../../../src/store/sqlite/index.ts";
import { newPath } from "../../store/sqlite/place.ts";

export const NOW = Date.UTC(2026, 10, 28, 12);
export const DAY = 86_400_000;
export const SHA = "a1".repeat(32);

export const ZONE_SETTINGS = {
  zone: "relays.bl.example.org",
  kind: "addresses",
  ns: ["ns1.example.org", "ns2.example.org"],
  contact: "hostmaster@example.org",
};

export const NAMES_SETTINGS = { ...ZONE_SETTINGS, zone: "names.bl.example.org", kind: "names" };

export function settings(more: object = {}, zone: object = {}) {
  return listingSchema.parse({ zone: [{ ...ZONE_SETTINGS, ...zone }, { ...NAMES_SETTINGS, ...zone }], ...more }); // prettier-ignore
}

export function zoneOf(kind: ZoneKind, more: object = {}): ListingZone {
  const zone = settings({}, more).zone.find((one) => one.kind === kind);
  assert.ok(zone !== undefined);
  return zone;
}

export function subject(text: string, kind: ZoneKind = "addresses"): Subject {
  const read = parseSubjects(text, kind);
  assert.ok(typeof read !== "string", text);
  const [first] = read;
  assert.ok(first !== undefined);
  return first;
}

export interface TestSite extends ListingSite {
  readonly relays: ListingZone;
  readonly names: ListingZone;
  at: number;
}

export async function openLists(
  t: TestContext,
  more: object = {},
  own: readonly ProtectedSubject[] = [],
): Promise<TestSite> {
  const store = await openSqliteStore({ path: newPath(t), exclusive: false });
  t.after(() => store.close());
  const all = settings(more);
  const [relays, names] = all.zone;
  assert.ok(relays !== undefined && names !== undefined);
  const site: TestSite = {
    published: store.published,
    settings: all,
    rules: guardRules(all, own),
    relays,
    names,
    at: NOW,
    now: () => site.at,
  };
  return site;
}

/** Lists somebody; resolves to the number of the change. */
export async function list(
  site: TestSite,
  text: string,
  more: Partial<EntryWanted> = {},
): Promise<number> {
  const result = await tryList(site, text, more);
  assert.ok(typeof result !== "string" && result.kind === "added", JSON.stringify(result));
  return result.id;
}

export function tryList(site: TestSite, text: string, more: Partial<EntryWanted> = {}) {
  return addEntry(site, {
    zone: site.relays,
    subject: text,
    reason: "open relay",
    evidence: { kind: "note", text: "seen" },
    by: "ann",
    origin: "person",
    ...more,
  });
}

/** What is in a zone now. */
export function listed({ published, relays }: TestSite, zone = relays): readonly string[] {
  return published.entries(zone.zone, { limit: 1000 }).map((one) => one.subject);
}

/** Why something was not done. */
export function reason(result: unknown): string {
  assert.ok(typeof result === "string", "it was done");
  return result;
}
