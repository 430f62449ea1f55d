/** What a `[[lists]]` entry says of a zone of the DNS. No message here says the zone: it may hold a key. */
import { parseName, type DnsName } from "../../protocol/dns/index.ts";
import type { DnsList } from "./list.ts";

/** Stands in a zone for its key. */
const KEY_PLACE = "{key}";

/** Under which Spamhaus answers customers, each with a key. */
const KEYED_ZONES = ".dq.spamhaus.net";

export type ZoneSource = Pick<DnsList, "source" | "zone" | "shownZone" | "key">;

type Problem = (key: "key" | "zone", message: string) => void;

/** `key`: stands where the zone has a place for it. */
export function zoneSource(
  text: string,
  key: string | undefined,
  problem: Problem,
): ZoneSource | undefined {
  const hasPlace = text.includes(KEY_PLACE);
  if (hasPlace && key === undefined) {
    problem("key", `the zone has ${KEY_PLACE}, and there is no key`);
    return undefined;
  }
  if (!hasPlace && key !== undefined) {
    problem(
      "zone",
      `expected ${KEY_PLACE} where the key belongs, such as "${KEY_PLACE}.zen${KEYED_ZONES}"`,
    );
    return undefined;
  }
  if (!hasPlace && text.toLowerCase().endsWith(KEYED_ZONES)) {
    problem(
      "zone",
      `a key in a zone would be shown; expected "${KEY_PLACE}.zen${KEYED_ZONES}" and the key in "key"`,
    );
    return undefined;
  }
  const zone = parseName(text.replaceAll(KEY_PLACE, key ?? ""));
  const shown = text.replaceAll(`${KEY_PLACE}.`, "").replaceAll(KEY_PLACE, "");
  if (zone === undefined || !isZone(zone)) {
    problem("zone", "expected a name of the DNS, such as zen.spamhaus.org");
    return undefined;
  }
  return { source: "zone", zone, shownZone: shown, ...(key !== undefined && { key }) };
}

/** Every address is below the root and below a label of the top. */
function isZone(zone: DnsName): boolean {
  return zone.includes(".") && zone !== ".";
}
