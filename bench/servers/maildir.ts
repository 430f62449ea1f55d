/** A maildir from outside: a message is a file in `new` or `cur`. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export function countIn(maildir: string): number {
  return ["new", "cur"]
    .map((name) => join(maildir, name))
    .filter((folder) => existsSync(folder))
    .reduce((sum, folder) => sum + readdirSync(folder).length, 0);
}

/** In latin1. The name of a file begins with the second in which it came. */
export function newestIn(maildir: string, count: number): string[] {
  const folder = join(maildir, "new");
  const names = readdirSync(folder).toSorted();
  return names.slice(-count).map((name) => readFileSync(join(folder, name), "latin1"));
}
