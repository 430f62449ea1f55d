/** Debian's rbldnsd on a port of loopback, over files of a test; in a network of its own where one is given. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startForeground, type Foreground } from "./foreground.ts";
import type { PrivateNetwork } from "./private-network.ts";
import { temporaryDirectory } from "./site.ts";

export interface ServedFile {
  /** "list.example" */
  readonly zone: string;
  /** "ip4set" */
  readonly dataset: string;
  readonly text: string;
}

/** Its log has what it found wrong with the files. */
export type Rbldnsd = Foreground;

export async function startRbldnsd(
  files: readonly ServedFile[],
  port: number,
  network?: PrivateNetwork,
): Promise<Rbldnsd> {
  // It refuses to stay root, and then may not look into a directory of root's alone.
  const home = temporaryDirectory();
  chmodSync(home, 0o755);
  mkdirSync(join(home, "zones"));
  const zones = files.map(({ zone, dataset, text }) => {
    const file = join(home, "zones", zone);
    writeFileSync(file, text);
    return `${zone}:${dataset}:${file}`;
  });
  const args = ["-n", "-4", "-c", "0", "-b", `127.0.0.1/${port}`, ...zones];
  const command = [...(network?.enter ?? []), "/usr/sbin/rbldnsd", ...args] as const;
  return startForeground(command, /\) started \(/);
}
