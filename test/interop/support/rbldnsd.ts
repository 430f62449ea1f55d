/** Debian's rbldnsd on a port of loopback, over files of a test. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "./site.ts";

export interface ServedFile {
  /** "list.example" */
  readonly zone: string;
  /** "ip4set" */
  readonly dataset: string;
  readonly text: string;
}

export interface Rbldnsd {
  /** With what it found wrong with the files. */
  log(): string;
  stop(): Promise<void>;
}

/** Milliseconds: far more than it takes, for a machine that is busy with other suites. */
const START_LIMIT = 30_000;

export async function startRbldnsd(files: readonly ServedFile[], port: number): Promise<Rbldnsd> {
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
  const rbldnsd = spawn("/usr/sbin/rbldnsd", args, { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(rbldnsd, "close");
  let said = "";
  const ready = new Promise<boolean>((resolve) => {
    const hear = (bytes: Buffer): void => {
      said += bytes.toString();
      if (/\) started \(/.test(said)) resolve(true);
    };
    rbldnsd.stdout.on("data", hear);
    rbldnsd.stderr.on("data", hear);
    setTimeout(resolve, START_LIMIT, false).unref();
  });
  if (!(await Promise.race([ready, ended.then(() => false)]))) {
    rbldnsd.kill("SIGKILL");
    throw new Error(`rbldnsd: ${said}`);
  }
  return {
    log: () => said,
    async stop() {
      rbldnsd.kill("SIGTERM");
      await ended;
    },
  };
}
