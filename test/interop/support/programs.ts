/** Runs a program to its end, for at most a given time, and keeps what it says. */
import { spawn } from "node:child_process";

export interface Run {
  /** The exit code; null when it was ended by a signal, also when its time was up. */
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** Both together, for messages about what went wrong. */
  readonly said: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly input?: string | Buffer;
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds until it is killed. */
  readonly timeLimit?: number;
}

const TIME_LIMIT = 60_000;

export function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Run> {
  const { cwd, input, env, timeLimit = TIME_LIMIT } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, LC_ALL: "C.UTF-8", ...env },
      timeout: timeLimit,
      killSignal: "SIGKILL",
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      const [out, err] = [Buffer.concat(stdout), Buffer.concat(stderr).toString()];
      resolve({ code, stdout: out, stderr: err, said: `exit ${code}\n${out.toString()}${err}` });
    });
    child.stdin.on("error", ignorePipe);
    child.stdin.end(input ?? "");
  });
}

/** A program that refuses its input closes the pipe; its exit code says why. */
function ignorePipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
