/** `gatepost queue list`: who waits, the oldest first. Reads as much as it shows, however long the queue is. */
import { InvalidArgumentError, type Command } from "commander";
import { FirstRows, LIST_HEAD, rowJson, rowLines } from "../operate/queue/index.ts";
import { systemClock } from "../runtime/index.ts";
import type { Queue, QueueCounts, QueueFilter, QueueRow } from "../store/index.ts";
import { outputWidth, print, write } from "./output.ts";
import { conditions, withConditions, type ConditionOptions } from "./queue-options.ts";
import { inDirectory, withConfig } from "./site-options.ts";

/** Recipients shown unless more are asked for: some screens full. */
const LIMIT = 50;

interface ListOptions extends ConditionOptions {
  readonly limit: number;
  readonly all?: boolean;
}

export function listCommand(command: Command): void {
  withConditions(withConfig(command))
    .description("who waits, the oldest first")
    .option("--limit <number>", "how many to show", positive, LIMIT)
    .option("--all", "show all")
    .option("--json", "as JSON")
    .action((options: ListOptions) =>
      inDirectory(options, async ({ queue }) => {
        const now = systemClock.now();
        const filter = conditions(options, now);
        const rows = new FirstRows(queue, filter, options.all === true ? Infinity : options.limit);
        await show(queue, filter, rows, options, now);
        if (rows.more) sayMore(options.limit, options.json === true);
      }),
    );
}

async function show(
  queue: Queue,
  filter: QueueFilter,
  rows: AsyncIterable<QueueRow>,
  { json }: ListOptions,
  now: number,
): Promise<void> {
  if (json === true) return writeJson(rows);
  const shown = await writeText(rows, now);
  const counts = await queue.counts();
  if (counts.rows === 0) print("the queue is empty");
  else if (shown === 0) print(`nothing in the queue is like that; ${countsText(counts)}`);
  else print(`\n${countsText(counts)}${isEmpty(filter) ? "" : " in all"}`);
}

/** An array of one object a line, written as it is read. */
async function writeJson(rows: AsyncIterable<QueueRow>): Promise<void> {
  let before = "[";
  for await (const chunk of inChunks(rows, (row) => `${JSON.stringify(rowJson(row))},\n`)) {
    await write(before + chunk.slice(0, -2));
    before = ",\n";
  }
  await write(before === "[" ? "[]\n" : "]\n");
}

/** Resolves to how many there were. */
async function writeText(rows: AsyncIterable<QueueRow>, now: number): Promise<number> {
  const width = outputWidth();
  let shown = 0;
  const text = (row: QueueRow): string => {
    const head = shown++ === 0 ? [LIST_HEAD] : [];
    return `${[...head, ...rowLines(row, now, width)].join("\n")}\n`;
  };
  for await (const chunk of inChunks(rows, text)) await write(chunk);
  return shown;
}

/** Characters written at once. */
const CHUNK = 64 * 1024;

async function* inChunks(
  rows: AsyncIterable<QueueRow>,
  text: (row: QueueRow) => string,
): AsyncGenerator<string> {
  let chunk = "";
  for await (const row of rows) {
    chunk += text(row);
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = "";
  }
  if (chunk !== "") yield chunk;
}

/** To a script on standard error, where it does not read it as data. */
function sayMore(shown: number, json: boolean): void {
  const text = `The ${number(shown)} oldest are shown. --all shows all, --limit more, and conditions such as --domain choose.\n`;
  (json ? process.stderr : process.stdout).write(text);
}

function countsText({ rows, held, underWay, destinations }: QueueCounts): string {
  return [
    `${number(rows)} ${rows === 1 ? "recipient waits" : "recipients wait"} for ${number(destinations)} next ${destinations === 1 ? "hop" : "hops"}`,
    ...(held > 0 ? [`${number(held)} held`] : []),
    ...(underWay > 0 ? [`${number(underWay)} under way`] : []),
  ].join(", ");
}

function isEmpty(filter: QueueFilter): boolean {
  return Object.keys(filter).length === 0;
}

function number(count: number): string {
  return count.toLocaleString("en");
}

function positive(text: string): number {
  const limit = Number(text);
  if (Number.isSafeInteger(limit) && limit > 0) return limit;
  throw new InvalidArgumentError("expected a whole number from 1 on");
}
