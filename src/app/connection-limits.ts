/** How many connections there may be: what is configured, as far as this process may have so many files open. */
import type { Config } from "../config/index.ts";
import { openFilesLimit, type ConnectionLimits } from "../net/index.ts";
import type { Log } from "../runtime/index.ts";

/** Files that are no connections: store, ports, certificates, pipes; and those who are told that there is no room. */
const OTHER_FILES = 100;

/** Logs when the system allows fewer than are configured. */
export function connectionLimits({ limits }: Config, log: Log): ConnectionLimits {
  const room = Math.max(1, openFilesLimit() - OTHER_FILES);
  if (room < limits.connections)
    log.warn("fewer connections than configured", {
      connections: room,
      configured: limits.connections,
      todo: "raise the limit of open files (systemd: LimitNOFILE) above limits.connections",
    });
  return {
    connections: Math.min(limits.connections, room),
    connectionsPerAddress: limits.connections_per_address,
    connectionsPerNetwork: limits.connections_per_network,
  };
}
