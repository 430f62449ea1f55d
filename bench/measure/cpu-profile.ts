/**
 * Profiles as Node writes them (--cpu-prof), one file for each thread, added up by the parts of the house. A sample belongs to
 * the innermost frame of ours that stands for a part; the nouns (src/mail) and the machine (src/runtime) work for
 * whoever called them. A sample counts for all the time to the next one, waiting for the disk included.
 */
import { readFileSync } from "node:fs";
import { z } from "zod";

/** By the profiler's clock, microseconds. */
export interface Window {
  readonly begin: number;
  readonly end: number;
}

/** The beginning of a file's path below src/, and its part; the first that fits counts. */
const RULES: readonly (readonly [string, string])[] = [
  ["net/", "accept, sockets (net)"],
  ["protocol/", "parse and answer (protocol)"],
  ["policy/", "policy: routing and checks"],
  ["store/sqlite/directory", "policy: reading the directory"],
  ["service/record/", "journal: making the record"],
  ["service/receive/", "receive: intake, trace fields"],
  ["service/", "accounts and maildrops (service)"],
  ["app/", "sessions and listeners put together (app)"],
  ["store/sqlite/maildrops", "store: reading a message"],
  ["store/sqlite/draft", "store: copying the content"],
  ["store/sqlite/piece", "store: copying the content"],
  ["store/sqlite/writer-thread", "store: to the writer thread and back"],
  ["store/sqlite/batch-queue", "store: to the writer thread and back"],
  ["store/sqlite/writer.ts", "store: to the writer thread and back"],
  ["store/sqlite/journal", "journal: writing the rows"],
  ["store/sqlite/connection.ts", "commit: transaction and flush"],
  ["store/sqlite/checkpoint", "commit: checkpoints beside the writer"],
  ["store/", "store: message and mailbox rows"],
];
const COLLECTOR = "garbage collection";
const NATIVE = "Node and the kernel, no function of ours on the stack";

/** All parts, in reading order. */
export const PARTS: readonly string[] = [
  ...new Set(RULES.map(([, part]) => part)),
  COLLECTOR,
  NATIVE,
];

const Profile = z.object({
  startTime: z.number(),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string() }),
      children: z.array(z.number()).optional(),
    }),
  ),
});
type Profile = z.output<typeof Profile>;

/** Microseconds of each part, over all threads. */
export function microsecondsByPart(files: readonly string[], window: Window): Map<string, number> {
  const sums = new Map<string, number>();
  for (const file of files)
    add(Profile.parse(JSON.parse(readFileSync(file, "utf8"))), window, sums);
  return sums;
}

function add(profile: Profile, { begin, end }: Window, sums: Map<string, number>): void {
  const parts = partsOf(profile);
  let at = profile.startTime;
  profile.samples.forEach((node, i) => {
    at += profile.timeDeltas[i] ?? 0;
    const part = parts.get(node);
    if (part === undefined || at < begin || at > end) return;
    sums.set(part, (sums.get(part) ?? 0) + (profile.timeDeltas[i + 1] ?? 0));
  });
}

/** The part of each node of the call tree; none for idleness. Parents come before their children. */
function partsOf({ nodes }: Profile): Map<number, string> {
  const parents = new Map(
    nodes.flatMap(({ id, children = [] }) => children.map((one) => [one, id])),
  );
  const byCaller = new Map<number, string>();
  const parts = new Map<number, string>();
  for (const { id, callFrame } of nodes) {
    const inherited = byCaller.get(parents.get(id) ?? -1) ?? NATIVE;
    const own = ruleFor(callFrame) ?? inherited;
    byCaller.set(id, own);
    if (callFrame.functionName === "(idle)") continue;
    parts.set(id, callFrame.functionName === "(garbage collector)" ? COLLECTOR : own);
  }
  return parts;
}

/** A query works for its caller; only the transaction itself is the connection's own work. */
function ruleFor({ url, functionName }: { url: string; functionName: string }): string | undefined {
  const [, path] = url.split("/src/");
  if (path === undefined || !url.startsWith("file:")) return undefined;
  if (path === "store/sqlite/connection.ts" && functionName !== "transaction") return undefined;
  return RULES.find(([beginning]) => path.startsWith(beginning))?.[1];
}
