/** From an administration's outcome to a command's end. */
import type { Outcome } from "../app/index.ts";
import { CommandError } from "./exit.ts";

export function settle(outcome: Outcome): void {
  if (outcome.kind === "problem") throw new CommandError(outcome.problem);
}

/** The value, or the end of the command with the words that stand in its place. */
export function valueOr<Value extends object>(value: Value | string): Value {
  if (typeof value === "string") throw new CommandError(value);
  return value;
}
