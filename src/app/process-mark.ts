/** A process as others can tell later whether it still runs: its number alone may be another's by then. */
import { readFileSync } from "node:fs";

/** Of the fields behind the name in /proc/PID/stat (proc(5)): the state, and when it started. */
const STATE = 0;
const STARTED = 19;

/** "4711 83021": number and start. Undefined where there is no such process. */
export function processMark(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return fields[STATE] === "Z" ? undefined : `${pid} ${fields[STARTED]}`;
  } catch {
    return process.platform === "linux" ? undefined : markWithoutProc(pid);
  }
}

function markWithoutProc(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
    return String(pid);
  } catch (error) {
    const isThere = error instanceof Error && "code" in error && error.code === "EPERM";
    return isThere ? String(pid) : undefined;
  }
}

/** The number of the process, where it still runs. */
export function runningProcess(mark: string): number | undefined {
  const pid = Number(mark.split(" ")[0]);
  return Number.isInteger(pid) && pid > 0 && processMark(pid) === mark ? pid : undefined;
}
