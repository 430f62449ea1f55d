/** `gatepost list …`: the lists that this site publishes. Each command has a file of its own. */
import type { Command } from "commander";
import { listAddCommand } from "./list-add.ts";
import { listBrakeCommands } from "./list-brake.ts";
import { listExportCommand } from "./list-export.ts";
import { listImportCommand } from "./list-import.ts";
import { listLogCommands } from "./list-log.ts";
import { listReportCommand } from "./list-report.ts";
import { listRetestCommand } from "./list-retest.ts";
import { listSuspectsCommand } from "./list-suspects.ts";
import { listRemoveCommand, listRetireCommand } from "./list-remove.ts";
import { listShowCommand } from "./list-show.ts";
import { listStatsCommand } from "./list-stats.ts";
import { listZonesCommand } from "./list-zones.ts";

export function listCommands(program: Command): void {
  const list = program
    .command("list")
    .description("the lists that this site publishes: entries with their evidence and their end");
  for (const [group, commands] of GROUPS) {
    list.commandsGroup(group);
    for (const register of commands) register(list);
  }
}

/** As `--help` shows them: what is done most comes first. */
const GROUPS = [
  ["Entries:", [listAddCommand, listShowCommand, listRemoveCommand]],
  ["Open relays that are reported:", [listReportCommand, listSuspectsCommand, listRetestCommand]],
  ["Lists:", [listZonesCommand, listStatsCommand, listBrakeCommands, listRetireCommand]],
  ["The record of changes:", [listLogCommands]],
  ["Files:", [listImportCommand, listExportCommand]],
] as const;
