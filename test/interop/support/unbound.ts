/**
 * unbound as the validating resolver: a port of loopback, and zones of a test that it takes from files in the place of their servers
 * (`for-upstream`), so that it validates them as it would others. It knows nothing else and asks nobody.
 */
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startForeground, type Foreground } from "./foreground.ts";
import type { PrivateNetwork } from "./private-network.ts";
import { signZones, type ZonePlan } from "./signed-zones.ts";
import { temporaryDirectory } from "./site.ts";

/** Its log has the reason of each answer that it found to be false. */
export type Unbound = Foreground;

export interface UnboundPlace {
  readonly address?: string;
  readonly port?: number;
  readonly network?: PrivateNetwork;
  /** Zones that servers on other ports of loopback have; nothing there is signed. */
  readonly stubs?: readonly Stub[];
}

export interface Stub {
  readonly zone: string;
  readonly port: number;
}

/** Lines of the `server` clause: it validates nothing, and knows nothing but its stubs. */
export const STUBS_ALONE = `  module-config: "iterator"
  local-zone: "." static
`;

/** Debian's AppArmor lets the program of this name read its own directories and no others; a copy is not meant. */
const UNBOUND = "/usr/sbin/unbound";

export async function startUnbound(
  zones: readonly ZonePlan[],
  place?: UnboundPlace,
): Promise<Unbound> {
  const { files, trustAnchor } = await signZones(zones);
  const server = `  val-log-level: 2
  trust-anchor: "${trustAnchor}"
`;
  return launchUnbound(server, [...files].map(zoneClause).join(""), place);
}

/** With lines of the `server` clause and further clauses of one's own. */
export async function launchUnbound(
  server: string,
  clauses: string,
  { address = "127.0.0.1", port = 53, network, stubs = [] }: UnboundPlace = {},
): Promise<Unbound> {
  const home = temporaryDirectory();
  const [copy, config] = [join(home, "unbound"), join(home, "unbound.conf")];
  copyFileSync(UNBOUND, copy);
  const more = clauses + stubs.map(stubClauses).join("");
  writeFileSync(config, configuration(server, more, `${address}@${port}`));
  const command = [...(network?.enter ?? []), copy, "-d", "-c", config] as const;
  return startForeground(command, /start of service/);
}

function zoneClause([name, file]: readonly [string, string]): string {
  return `auth-zone:
  name: "${name}"
  zonefile: "${file}"
  for-downstream: no
  for-upstream: yes
  fallback-enabled: no
`;
}

function stubClauses({ zone, port }: Stub): string {
  return `server:
  do-not-query-localhost: no
  domain-insecure: "${zone}"
  local-zone: "${zone}" transparent
stub-zone:
  name: "${zone}"
  stub-addr: 127.0.0.1@${port}
`;
}

/** Without `username` it stays who it is: its files are in a directory that nobody else may enter. */
function configuration(server: string, clauses: string, listen: string): string {
  return `server:
  interface: ${listen}
  username: ""
  chroot: ""
  directory: ""
  pidfile: ""
  use-syslog: no
  logfile: ""
  verbosity: 1
  num-threads: 1
${server}remote-control:
  control-enable: no
${clauses}`;
}
