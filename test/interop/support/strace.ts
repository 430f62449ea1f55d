/** Reads what `strace -f -y -ttt -T` wrote: each system call with its begin and end, in order of its begin. */

export interface Call {
  readonly thread: string;
  readonly name: string;
  /** As strace prints them; with -y a file descriptor is followed by its path: `21</tmp/a>`. */
  readonly args: string;
  readonly result: number;
  /** Seconds since 1970, as strace took them. */
  readonly began: number;
  readonly ended: number;
  /** The beginning of its line, for messages. */
  readonly text: string;
}

const BEGIN = /^(\d+) +(\d+\.\d+) (\w+)\((.*)$/;
const RESUMED = /^(\d+) +\d+\.\d+ <\.\.\. \w+ resumed>(.*)$/;
const END = /^(.*)\) += (-?\d+).*<(\d+\.\d+)>$/;
const UNFINISHED = " <unfinished ...>";

/** A call that another thread interrupted stands on two lines, which are put together. */
export function callsIn(trace: string): Call[] {
  const unfinished = new Map<string, string>();
  const calls: Call[] = [];
  for (const line of trace.split("\n")) {
    const [, thread = "", rest = ""] = RESUMED.exec(line) ?? [];
    const whole = thread === "" ? line : `${unfinished.get(thread) ?? ""}${rest}`;
    if (whole.endsWith(UNFINISHED)) {
      unfinished.set(whole.split(" ", 1)[0] ?? "", whole.slice(0, -UNFINISHED.length));
      continue;
    }
    const call = parse(whole);
    if (call !== undefined) calls.push(call);
  }
  return calls.toSorted((left, right) => left.began - right.began);
}

/** Undefined for what is no call: signals, exits of threads. */
function parse(text: string): Call | undefined {
  const [, thread = "", began, name, rest = ""] = BEGIN.exec(text) ?? [];
  const [, args, result, seconds] = END.exec(rest) ?? [];
  if (name === undefined || args === undefined) return undefined;
  const start = Number(began);
  return {
    thread,
    name,
    args,
    result: Number(result),
    began: start,
    ended: start + Number(seconds),
    text: text.slice(0, 120),
  };
}
