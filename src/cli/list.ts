/** `gatepost list …`: the lists that this site publishes. What several of its commands need is here; each has a file of its own. */
import { userInfo } from "node:os";
import type { Command } from "commander";
import { openListAdministration, type ListAdministration } from "../app/index.ts";
import { zoneNamed, type ListingZone } from "../operate/listing/index.ts";
import { listAddCommand } from "./list-add.ts";
import { listBrakeCommands } from "./list-brake.ts";
import { listExportCommand } from "./list-export.ts";
import { listImportCommand } from "./list-import.ts";
import { listLogCommands } from "./list-log.ts";
import { listRemoveCommands } from "./list-remove.ts";
import { listShowCommand } from "./list-show.ts";
import { listZonesCommands } from "./list-zones.ts";
import { valueOr } from "./settle.ts";
import { siteConfig, type SiteOptions } from "./site-options.ts";

export interface ListOptions extends SiteOptions {
  readonly json?: boolean;
}

export function listCommands(program: Command): void {
  const list = program
    .command("list")
    .description("the lists that this site publishes: entries with their evidence and their end");
  for (const register of [
    listAddCommand,
    listRemoveCommands,
    listShowCommand,
    listZonesCommands,
    listImportCommand,
    listExportCommand,
    listLogCommands,
    listBrakeCommands,
  ])
    register(list);
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
