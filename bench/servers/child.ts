/** A server that runs in the foreground as a child of the bench: started, waited for where it listens, stopped by its pid. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";

/** Milliseconds. */
const START_LIMIT = 15_000;
const STOP_LIMIT = 15_000;
const LOOK_MS = 50;

export interface Child {
  readonly pid: number;
  stop(): Promise<void>;
}

/** Resolves when something listens on the port of loopback, or on the socket of that path. What it prints goes into an open file, if one is given. */
export async function startChild(
  program: string,
  args: readonly string[],
  place: number | string,
  output: number | "ignore" = "ignore",
): Promise<Child> {
  const child = spawn(program, args, { stdio: ["ignore", output, "pipe"] });
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (said += text));
  const failed = once(child, "error").then(([error]) => String(error));
  const ended = once(child, "exit").then(([code]) => `it ended by itself with ${code}`);
  const outcome = await Promise.race([failed, ended, listening(place)]);
  if (outcome === "listening" && child.pid !== undefined)
    return { pid: child.pid, stop: () => stop(child, program) };
  child.kill("SIGKILL");
  throw new Error(`${program} did not start: ${outcome}\n${said}`);
}

async function listening(place: number | string): Promise<string> {
  const until = performance.now() + START_LIMIT;
  while (performance.now() < until) {
    if (await answers(place)) return "listening";
    await setTimeout(LOOK_MS, undefined, { ref: false });
  }
  return "it took too long";
}

async function answers(place: number | string): Promise<boolean> {
  const socket = typeof place === "number" ? connect(place, "127.0.0.1") : connect(place);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false; // Not yet; whatever the reason, it is asked again.
  } finally {
    socket.destroy();
  }
}

async function stop(child: ChildProcess, program: string): Promise<void> {
  if (child.exitCode !== null) throw new Error(`${program} had ended with ${child.exitCode}`);
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const outcome = await Promise.race([ended, setTimeout(STOP_LIMIT, "late", { ref: false })]);
  if (outcome === "late") child.kill("SIGKILL");
}
