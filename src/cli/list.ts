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
import { listRemoveCommands } from "./list-remove.ts";
import { listShowCommand } from "./list-show.ts";
import { listStatsCommand } from "./list-stats.ts";
import { listZonesCommand } from "./list-zones.ts";

export function listCommands(program: Command): void {
  const list = program
    .command("list")
    .description("the lists that this site publishes: entries with their evidence and their end");
  for (const register of [
    listAddCommand,
    listRemoveCommands,
    listShowCommand,
    listZonesCommand,
    listStatsCommand,
    listImportCommand,
    listExportCommand,
    listLogCommands,
    listBrakeCommands,
    listReportCommand,
    listRetestCommand,
    listSuspectsCommand,
  ])
    register(list);
}
