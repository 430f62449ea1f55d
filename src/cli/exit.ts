/** How a command ends: 0 done, 1 it could not be done (why stands on standard error), 2 it was called wrongly. */
import { errorText, OperatorError } from "../runtime/index.ts";

/** What went wrong, for the person at the terminal: no stack trace, the problem and what to do. */
export class CommandError extends OperatorError {
  override readonly name = "CommandError";
}

export function reportAndExit(error: unknown): never {
  const spoken = error instanceof OperatorError;
  const stack = error instanceof Error ? error.stack : undefined;
  process.stderr.write(`gatepost: ${spoken ? errorText(error) : (stack ?? errorText(error))}\n`);
  process.exit(1);
}
