/**
 * What `[relay]` must not say here: a trusted network behind which is everybody, on this machine as it stands; a gateway domain
 * whose mailboxes the directory has too. Asked at start, at a reload and by `gatepost check`.
 */
import { ConfigError, type ConfigProblem, type LoadedConfig } from "../config/index.ts";
import type { Domain } from "../mail/index.ts";
import { machineFacts } from "../net/index.ts";
import { unsafeNetworks, type MachineFacts } from "../policy/checks/index.ts";
import { plannedListeners } from "./listeners.ts";

/** Throws a ConfigError that says how to mend it. */
export function checkRelay(
  { file, config }: LoadedConfig,
  directory: { domain(name: Domain): unknown },
  machine: MachineFacts = machineFacts(),
): void {
  const { routes, relay } = config;
  const { networks, domains } = relay;
  const proxies = plannedListeners(config).flatMap(({ proxyFrom }) => proxyFrom);
  const problems: ConfigProblem[] = [
    ...unsafeNetworks(networks, machine, proxies).map(({ index, problem }) => ({
      key: `relay.networks.${index}`,
      problem,
    })),
    ...domains.flatMap(({ domain }, index) =>
      directory.domain(domain) === undefined
        ? []
        : [{ key: `relay.domains.${index}.domain`, problem: bothHereAndThere(domain) }],
    ),
    ...domains
      .filter(({ domain }) => routes.has(domain))
      .map(({ domain }) => ({ key: `routes.${domain}`, problem: twoHosts(domain) })),
  ];
  if (problems.length > 0) throw new ConfigError(file, problems);
}

function twoHosts(domain: Domain): string {
  return `mail for ${domain} goes to the host that relay.domains names; expected it in one of the two`;
}

function bothHereAndThere(domain: Domain): string {
  return `${domain} has its mailboxes here; remove it with \`gatepost domain remove ${domain}\`, or from relay.domains`;
}
