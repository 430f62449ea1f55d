/** The log of a running server: at its level, and with a share for each address. */
import type { Config } from "../config/index.ts";
import { LogShares, openLog, type Log } from "../runtime/index.ts";

export function openServerLog({ log }: Config): Log {
  return new LogShares(openLog(log.level), log.lines_per_address);
}
