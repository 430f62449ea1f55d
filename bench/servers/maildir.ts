/** A maildir from outside: a message is a file in `new` or `cur`. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

export function countIn(maildir: string): number {
  return ["new", "cur"]
    .map((name) => join(maildir, name))
    .filter((folder) => existsSync(folder))
    .reduce((sum, folder) => sum + readdirSync(folder).length, 0);
}
