/**
 * What `[relay]` and `[tester]` must not say here: a trusted network behind which is everybody, on this machine as it stands; a gateway
 * domain that has mailboxes or a catch-all in the directory; a domain for relay tests that is one for mail too. Asked at start, at a reload and by `gatepost check`.
 */
import {
  ConfigError,
  type Config,
  type ConfigProblem,
  type LoadedConfig,
} from "../config/index.ts";
import type { Domain } from "../mail/index.ts";
import { machineFacts } from "../net/index.ts";
import { unsafeNetworks, type MachineFacts } from "../policy/checks/index.ts";
import type { DirectoryReads } from "../store/index.ts";
import { everyMailbox } from "./directory-pages.ts";
import { plannedListeners } from "./listeners.ts";

/** Throws a ConfigError that says how to mend it. */
export function checkRelay(
  { file, config }: Pick<LoadedConfig, "file" | "config">,
  directory: DirectoryReads,
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
    ...domains.flatMap(({ domain }, index) => {
      const problem = bothHereAndThere(domain, directory);
      return problem === undefined ? [] : [{ key: `relay.domains.${index}.domain`, problem }];
    }),
    ...domains
      .filter(({ domain }) => routes.has(domain))
      .map(({ domain }) => ({ key: `routes.${domain}`, problem: twoHosts(domain) })),
  ];
  const tester = testerProblem(config, directory);
  if (tester !== undefined) problems.push({ key: "tester.domain", problem: tester });
  if (problems.length > 0) throw new ConfigError(file, problems);
}

/** Only tokens are taken in the tester's domain: whoever had a mailbox there would get nothing. */
function testerProblem({ tester, relay }: Config, directory: DirectoryReads): string | undefined {
  const { domain } = tester;
  if (domain === undefined) return undefined;
  const rest = "expected a domain of its own, in which nobody has mail, such as";
  if (directory.domain(domain) !== undefined)
    return `${domain} is a mail domain of this site (gatepost domain list); ${rest} relay-test.${domain}`;
  if (relay.domains.some((one) => one.domain === domain))
    return `the mailboxes of ${domain} are on another host (relay.domains); ${rest} relay-test.${domain}`;
  return undefined;
}

function twoHosts(domain: Domain): string {
  return `mail for ${domain} goes to the host that relay.domains names; expected it in one of the two`;
}

/** In the directory such a domain may have keys and aliases; nobody could say where the mail for its mailboxes should go. */
function bothHereAndThere(domain: Domain, directory: DirectoryReads): string | undefined {
  const entry = directory.domain(domain);
  if (entry === undefined) return undefined;
  const count = [...everyMailbox(directory, domain)].length;
  if (count > 0)
    return `${domain} has ${count} ${count === 1 ? "mailbox" : "mailboxes"} here; take the domain from relay.domains, or see \`gatepost mailbox list ${domain}\` and \`gatepost mailbox remove\``;
  return entry.catchAll === undefined
    ? undefined
    : `${domain} has a catch-all here; take the domain from relay.domains, or the catch-all with \`gatepost domain set ${domain} --no-catch-all\``;
}
