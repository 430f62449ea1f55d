/**
 * How many files this process may have open. Each connection is one; where there is none left for it, the system closes it
 * without a word to anybody.
 */
import { readFileSync } from "node:fs";

/** Infinity where the system does not say. */
export function openFilesLimit(): number {
  const limit = /^Max open files +(\d+)/m.exec(limitsText())?.[1];
  return limit === undefined ? Infinity : Number(limit);
}

function limitsText(): string {
  try {
    return readFileSync("/proc/self/limits", "utf8");
  } catch {
    return ""; // not Linux
  }
}
