/** What several commands of `gatepost list` need: the lists open, a zone by its name, who gives the command, how times and counts are shown. */
import { userInfo } from "node:os";
import { openListAdministration, type ListAdministration } from "../app/index.ts";
import { zoneNamed, type ListingZone } from "../operate/listing/index.ts";
import { valueOr } from "./settle.ts";
import { siteConfig, type SiteOptions } from "./site-options.ts";

export interface ListOptions extends SiteOptions {
  readonly json?: boolean;
}

/** Runs with the lists open, and closes them whatever happens. */
export async function inLists<Result>(
  options: SiteOptions,
  run: (lists: ListAdministration) => Promise<Result> | Result,
): Promise<Result> {
  const lists = await openListAdministration(siteConfig(options));
  try {
    return await run(lists);
  } finally {
    await lists.close();
  }
}

export const NO_LIST = "no list is published here; the setting [[listing.zone]] makes one";

export function zoneOf({ site }: ListAdministration, text: string): ListingZone {
  return valueOr(zoneNamed(site, text));
}

/** Who gives the command, for the record: whoever became root to do so is known by his own name. */
export function author(environment: NodeJS.ProcessEnv = process.env): string {
  return environment["SUDO_USER"] ?? userInfo().username;
}

/** "2026-01-31 23:59Z" */
export function minuteText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")}Z`;
}

export function isoText(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString();
}

export function entriesText(count: number): string {
  return count === 1 ? "1 entry" : `${count.toLocaleString("en")} entries`;
}
