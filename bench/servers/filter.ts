/** A milter of Debian's in a network of its own, behind a socket in a temporary directory, with a configuration in a file. */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PrivateNetwork } from "../../test/interop/support/private-network.ts";
import { temporaryDirectory } from "../../test/interop/support/site.ts";
import { startChild } from "./child.ts";
import type { Peer } from "./peer.ts";

export interface Filter extends Peer {
  /** The path of its socket. */
  readonly socket: string;
}

/** The name of its configuration file stands behind the other arguments. */
export async function startFilter(
  name: string,
  args: readonly string[],
  configuration: (socket: string) => string,
  network: PrivateNetwork,
): Promise<Filter> {
  const home = temporaryDirectory();
  chmodSync(home, 0o755); // Postfix must get at the socket
  const [config, socket] = [join(home, `${name}.conf`), join(home, "socket")];
  writeFileSync(config, configuration(socket));
  const [enter, ...how] = network.enter;
  const child = await startChild(enter, [...how, `/usr/sbin/${name}`, ...args, config], socket);
  return { name, pid: child.pid, socket, stop: () => child.stop() };
}
