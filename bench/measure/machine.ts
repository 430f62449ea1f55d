/** Which machine the figures are of, and whether it has time for them. */
import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, loadavg, release, tmpdir, totalmem } from "node:os";
import { statfsSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

/** Load average of the last minute above which other programs disturb the figures. */
const QUIET_LOAD = 0.7;
const LOOK_MS = 10_000;
const PATIENCE_MS = 1_800_000;

/** Numbers of statfs(2) for file systems that are nothing but memory, where a flush is free. */
const TMPFS = 0x01021994;

export function machineText(): string {
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  const model = cpus()[0]?.model ?? "unknown processor";
  return `${availableParallelism()} cores (${model}), ${gibibytes} GiB, Linux ${release()}, ${fileSystem()}, Node ${process.versions.node}`;
}

/** The file system below the stores, queues and maildirs. Throws where nothing could be durable. */
function fileSystem(): string {
  if (statfsSync(tmpdir()).type === TMPFS)
    throw new Error(`${tmpdir()} is memory: set TMPDIR to a directory on a disk`);
  const [, type = "unknown file system"] = execFileSync("df", ["--output=fstype", tmpdir()], {
    encoding: "utf8",
  }).split("\n");
  return type;
}

/** Waits until the machine is quiet; returns the load average that it begins with. */
export async function quietMachine(say: (text: string) => void): Promise<number> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const [load = 0] = loadavg();
    if (load < QUIET_LOAD || performance.now() > until) return load;
    say(`waiting for the machine to be quiet (load ${load.toFixed(2)}) …`);
    await setTimeout(LOOK_MS);
  }
}
