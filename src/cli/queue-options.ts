/** Which rows of the queue a command is about: names, conditions, or all. */
import type { Command } from "commander";
import { readConditions, readName, type QueueConditions } from "../operate/queue/index.ts";
import type { QueueFilter } from "../store/index.ts";
import { valueOr } from "./settle.ts";
import type { SiteOptions } from "./site-options.ts";

export interface ConditionOptions extends SiteOptions, QueueConditions {
  readonly json?: boolean;
}

export function withConditions(command: Command): Command {
  return command
    .option("--sender <address>", 'the sender, as it was written; "<>" for reports')
    .option("--recipient <address>", "the recipient, as it was written")
    .option("--domain <domain>", "the recipient's domain")
    .option("--login <address>", "who handed it in")
    .option("--older-than <age>", "accepted longer ago, such as 30m, 2h or 3d")
    .option("--newer-than <age>", "accepted since")
    .option("--message <id>", "the message")
    .option("--destination <name>", "the next hop, as `gatepost queue shape` names it")
    .option("--held", "held, or to be held when an attempt has ended");
}

/** What is asked for by conditions alone; empty where there are none. */
export function conditions(options: QueueConditions, now: number): QueueFilter {
  return valueOr(readConditions(options, now));
}

/** What is asked for by a name. */
export function named(name: string): QueueFilter {
  return valueOr(readName(name));
}
