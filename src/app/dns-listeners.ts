/** Where and with what limits published lists are served, from the configuration. */
import type { Config } from "../config/index.ts";
import type { WantedPort } from "../net/index.ts";
import { DEFAULT_RULES } from "../operate/listing/answering/index.ts";
import type { ServedLists } from "../operate/listing/serving/index.ts";

const PORT = 53;

export function dnsPorts({ listen }: Pick<Config, "listen">): readonly WantedPort[] {
  return listen.dns.map((setting) => {
    const { address, port = listen.port_base + PORT } =
      typeof setting === "string" ? { address: setting } : setting;
    return { setting: "listen.dns", address, port };
  });
}

/** `cookieSecret`: the same for all threads. */
export function servingSettings(
  { limits }: Pick<Config, "limits">,
  cookieSecret: Uint8Array,
): Pick<ServedLists, "rules" | "limits" | "threads"> {
  const answersPerSecond = limits.dns_answers_per_second;
  return {
    rules: {
      ...DEFAULT_RULES,
      access: limits.dns_clients,
      rateLimit: answersPerSecond === 0 ? undefined : { answersPerSecond, slip: limits.dns_slip },
      cookieSecret,
    },
    limits: {
      connections: limits.dns_connections,
      connectionsPerAddress: limits.dns_connections_per_address,
      idleMs: limits.dns_idle_seconds * 1000,
      crowdedMs: limits.crowded_seconds * 1000,
    },
    threads: limits.dns_threads,
  };
}
