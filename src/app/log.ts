/** The log of a running server: at its level, and with a share for each address of the lines of normal business. */
import type { Config } from "../config/index.ts";
import { LogShares, openLog, type Log } from "../runtime/index.ts";

export function openServerLog({ log }: Config): Log {
  const all = openLog(log.level);
  return log.level === "info" ? new LogShares(all, log.lines_per_address) : all;
}
