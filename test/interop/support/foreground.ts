/** A server of another maker that stays in the foreground: started, heard until it says that it is ready, stopped. */
import { spawn } from "node:child_process";
import { once } from "node:events";

export interface Foreground {
  readonly pid: number;
  /** What it has said so far. */
  log(): string;
  stop(): Promise<void>;
}

/** Milliseconds: far more than it takes, for a machine that is busy with other suites. */
const START_LIMIT = 30_000;

/** Throws what it said where it does not become ready. */
export async function startForeground(
  [program, ...args]: readonly [program: string, ...args: string[]],
  isReady: RegExp,
): Promise<Foreground> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "close");
  let said = "";
  const ready = new Promise<boolean>((resolve) => {
    const hear = (bytes: Buffer): void => {
      said += bytes.toString();
      if (isReady.test(said)) resolve(true);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    setTimeout(resolve, START_LIMIT, false).unref();
  });
  const { pid } = child;
  if (!(await Promise.race([ready, ended.then(() => false)])) || pid === undefined) {
    child.kill("SIGKILL");
    throw new Error(`${program}: ${said}`);
  }
  return {
    pid,
    log: () => said,
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
