/**
 * unbound as the validating resolver: a port of loopback, and zones of a test that it takes from files in the place of their servers
 * (`for-upstream`), so that it validates them as it would others. It knows nothing else and asks nobody.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PrivateNetwork } from "./private-network.ts";
import { signZones, type ZonePlan } from "./signed-zones.ts";
import { temporaryDirectory } from "./site.ts";

export interface Unbound {
  /** With the reason of each answer that it found to be false. */
  log(): string;
  stop(): Promise<void>;
}

export interface UnboundPlace {
  readonly address?: string;
  readonly port?: number;
  readonly network?: PrivateNetwork;
}

/** Debian's AppArmor lets the program of this name read its own directories and no others; a copy is not meant. */
const UNBOUND = "/usr/sbin/unbound";

/** Milliseconds: far more than it takes, for a machine that is busy with other suites. */
const START_LIMIT = 30_000;

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
  { address = "127.0.0.1", port = 53, network }: UnboundPlace = {},
): Promise<Unbound> {
  const home = temporaryDirectory();
  const [copy, config] = [join(home, "unbound"), join(home, "unbound.conf")];
  copyFileSync(UNBOUND, copy);
  writeFileSync(config, configuration(server, clauses, `${address}@${port}`));
  const [program, ...args] = [...(network?.enter ?? []), copy, "-d", "-c", config];
  const unbound = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  const ended = once(unbound, "close");
  let said = "";
  const ready = new Promise<boolean>((resolve) => {
    unbound.stderr.on("data", (bytes: Buffer) => {
      said += bytes.toString();
      if (said.includes("start of service")) resolve(true);
    });
    setTimeout(resolve, START_LIMIT, false).unref();
  });
  if (!(await Promise.race([ready, ended.then(() => false)]))) {
    unbound.kill("SIGKILL");
    throw new Error(`unbound: ${said}`);
  }
  return {
    log: () => said,
    async stop() {
      unbound.kill("SIGTERM");
      await ended;
    },
  };
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
