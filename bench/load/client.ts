/** Runs the bench's own clients, each in a process of its own, so that no server shares a thread with its load. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { PrivateNetwork } from "../../test/interop/support/private-network.ts";
import { run, type Run, type RunOptions } from "../../test/interop/support/programs.ts";

/** Milliseconds that any load may take. */
export const LOAD_LIMIT = 300_000;

/** Runs a client of this folder to its end; returns the one line of JSON that it prints. */
export function runClient(file: string, ...args: readonly (number | string)[]): Promise<unknown> {
  return runBy(run, file, args);
}

/** The same, in a network of its own. */
export function runClientIn(
  network: PrivateNetwork,
  file: string,
  ...args: readonly (number | string)[]
): Promise<unknown> {
  return runBy((...how) => network.run(...how), file, args);
}

async function runBy(
  how: (program: string, args: readonly string[], options?: RunOptions) => Promise<Run>,
  file: string,
  args: readonly (number | string)[],
): Promise<unknown> {
  const { code, stdout, said } = await how(
    process.execPath,
    [clientPath(file), ...args.map(String)],
    { timeLimit: LOAD_LIMIT },
  );
  assert.equal(code, 0, `${file}: ${said}`);
  return JSON.parse(stdout.toString());
}

export function clientPath(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

/** A client's own arguments: whole numbers, as many as are asked for. */
export function numbersGiven(count: number): number[] {
  const numbers = process.argv.slice(2).map(Number);
  assert.ok(numbers.length === count && numbers.every((number) => Number.isSafeInteger(number)));
  return numbers;
}
