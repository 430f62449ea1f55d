/** `gatepost queue retry|hold|release|remove`: what is done to rows, by name, by conditions, or to all. */
import type { Command } from "commander";
import { actOnAll, FirstRows } from "../operate/queue/index.ts";
import { systemClock } from "../runtime/index.ts";
import type { Queue, QueueAction, QueueFilter } from "../store/index.ts";
import { CommandError } from "./exit.ts";
import { print } from "./output.ts";
import { conditions, named, withConditions, type ConditionOptions } from "./queue-options.ts";
import { notThere } from "./queue-show.ts";
import { inDirectory, withConfig } from "./site-options.ts";
import { ask, isTerminal } from "./terminal.ts";

interface ActionOptions extends ConditionOptions {
  readonly all?: boolean;
  readonly yes?: boolean;
}

interface ActionWords {
  readonly description: string;
  /** What became of them: "3 recipients …". */
  readonly done: string;
  /** Why there was nothing to do for any. */
  readonly nothing: string;
}

const ACTIONS: Readonly<Record<QueueAction, ActionWords>> = {
  retry: {
    description: "try again now what waits; what is held stays so",
    done: "due now",
    nothing: "nothing of that waits (`gatepost queue release` is for what is held)",
  },
  hold: {
    description: "try no more until it is released",
    done: "held",
    nothing: "nothing of that is there, or all is held already",
  },
  release: {
    description: "hold no longer, and try now",
    done: "released, and due now",
    nothing: "nothing of that is held",
  },
  remove: {
    description: "take out of the queue for good; nobody is told",
    done: "removed",
    nothing: "nothing of that is there",
  },
};

const VERBS: readonly QueueAction[] = ["retry", "hold", "release", "remove"];

export function queueActions(queue: Command): void {
  for (const action of VERBS) {
    const command = withConditions(withConfig(queue.command(`${action} [id...]`)))
      .description(ACTIONS[action].description)
      .option("--all", "everything in the queue")
      .option("--json", "as JSON");
    if (action === "remove") command.option("--yes", "without being asked");
    command.action((names: string[], options: ActionOptions) =>
      inDirectory(options, ({ queue: rows }) => run(rows, action, names, options)),
    );
  }
}

async function run(
  queue: Queue,
  action: QueueAction,
  names: readonly string[],
  options: ActionOptions,
): Promise<void> {
  const filters = filtersOf(names, options, systemClock.now());
  for (const name of names)
    if (!(await isThere(queue, named(name)))) throw new CommandError(notThere(name));
  if (action === "remove" && options.yes !== true) await agree(queue, filters);
  let changed = 0;
  for (const filter of filters) changed += await actOnAll(queue, action, systemClock.now(), filter);
  if (options.json === true) return print(JSON.stringify({ action, changed }));
  print(changed === 0 ? ACTIONS[action].nothing : `${recipients(changed)} ${ACTIONS[action].done}`);
  if ((action === "hold" || action === "remove") && (await isUnderWay(queue, filters)))
    print("What of it is under way ends its attempt first.");
}

/** One for each name; one where conditions stand alone. */
function filtersOf(
  names: readonly string[],
  options: ActionOptions,
  now: number,
): readonly QueueFilter[] {
  const filter = conditions(options, now);
  if (names.length > 0) return names.map((name) => ({ ...filter, ...named(name) }));
  if (Object.keys(filter).length === 0 && options.all !== true)
    throw new CommandError("which? Name ids, or conditions such as --domain, or say --all");
  return [filter];
}

async function isThere(queue: Queue, filter: QueueFilter): Promise<boolean> {
  return (await Array.fromAsync(new FirstRows(queue, filter, 1))).length > 0;
}

/** Rows looked at for one that is under way; the oldest are, mostly. */
const LOOKED_AT = 2000;

async function isUnderWay(queue: Queue, filters: readonly QueueFilter[]): Promise<boolean> {
  for (const filter of filters)
    for await (const { state } of new FirstRows(queue, filter, LOOKED_AT))
      if (state.kind === "under way") return true;
  return false;
}

/** Recipients that are counted before the question; beyond, it is many. */
const COUNTED = 10_000;

async function agree(queue: Queue, filters: readonly QueueFilter[]): Promise<void> {
  if (!isTerminal())
    throw new CommandError("what is removed is lost, and nobody is told; add --yes if it is meant");
  let count = 0;
  let open = false;
  for (const filter of filters) {
    const rows = new FirstRows(queue, filter, COUNTED);
    for await (const _ of rows) count++;
    open ||= rows.more;
  }
  const many = `${open ? "more than " : ""}${recipients(count)}`;
  const answer = await ask(`Remove ${many} from the queue? Nobody will be told. yes/no`, "no");
  if (answer !== "yes" && answer !== "y") throw new CommandError("nothing was removed");
}

function recipients(count: number): string {
  return `${count.toLocaleString("en")} ${count === 1 ? "recipient" : "recipients"}`;
}
