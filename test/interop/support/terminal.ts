/** A program on a terminal of its own, which somebody answers: `script` makes the terminal. */
import { spawn } from "node:child_process";
import { once } from "node:events";

export interface TerminalRun {
  readonly code: number | null;
  /** What stands on the terminal, what was typed included. */
  readonly shown: string;
}

const TIME_LIMIT = 30_000;

/** Waits for each text to be shown, and then types its answer. */
export async function onTerminal(
  command: string,
  answers: readonly (readonly [string, string])[],
  env: NodeJS.ProcessEnv = {},
): Promise<TerminalRun> {
  const child = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
    env: { ...process.env, LC_ALL: "C.UTF-8", TERM: "dumb", ...env },
    timeout: TIME_LIMIT,
    killSignal: "SIGKILL",
  });
  const left = [...answers];
  let shown = "";
  let from = 0;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
    const [next] = left;
    const at = next === undefined ? -1 : shown.indexOf(next[0], from);
    if (next === undefined || at < 0) return;
    left.shift();
    from = at + next[0].length;
    child.stdin.write(`${next[1]}\r`);
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, shown };
}
