/**
 * What a program and all that it started use, read from /proc (proc(5)). Processor time counts every thread, and
 * children that have ended through the parent that reaped them; memory is proportional (PSS), so that pages
 * which several processes share count once.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

/** Linux counts processor time for user space in hundredths of a second on every machine that Node runs on. */
const TICKS_PER_SECOND = 100;

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Its own ticks and those of its reaped children. */
  readonly ticks: number;
}

/** Seconds of processor time, user and system, since the programs started. */
export function cpuSeconds(...roots: readonly number[]): number {
  return treesOf(roots).reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_PER_SECOND;
}

/** Octets of memory, PSS, of the whole trees. */
export function proportionalOctets(...roots: readonly number[]): number {
  return treesOf(roots).reduce((sum, { pid }) => sum + memoryOf(pid).now, 0);
}

export interface Memory {
  /** Octets, PSS. */
  readonly now: number;
  /** The most octets that were resident at once (RSS) since `forgetPeak`. */
  readonly peak: number;
}

/** Of one process alone. */
export function memoryOf(pid: number): Memory {
  return {
    now: field(readOf(pid, "smaps_rollup"), "Pss"),
    peak: field(readOf(pid, "status"), "VmHWM"),
  };
}

/** From now on the peak is counted anew (clear_refs of proc(5)). */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

function treesOf(roots: readonly number[]): Process[] {
  const all = processes();
  const children = Map.groupBy(all, ({ parent }) => parent);
  const tree = all.filter(({ pid }) => roots.includes(pid));
  for (const { pid } of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

function processes(): Process[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0)
    .map(processOf)
    .filter((process) => process !== undefined);
}

/** The name stands in parentheses and may hold anything; after it come state, parent and so on. */
function processOf(pid: number): Process | undefined {
  const stat = readOf(pid, "stat");
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(11, 15).reduce((sum, own) => sum + Number(own), 0);
  return { pid, parent: Number(fields[1]), ticks };
}

/** Octets of a line such as `Pss:  1234 kB`; none where there is no such line. */
function field(text: string | undefined, name: string): number {
  const [, kibibytes = "0"] = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text ?? "") ?? [];
  return Number(kibibytes) * 1024;
}

/** Undefined for a process that has ended meanwhile. */
function readOf(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw error;
  }
}
