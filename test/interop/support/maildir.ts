/** What another server has put into a Maildir. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** New messages as they are stored, in no order; none where nothing was ever delivered. */
export function maildir(folder: string): readonly string[] {
  const fresh = join(folder, "new");
  if (!existsSync(fresh)) return [];
  return readdirSync(fresh).map((file) => readFileSync(join(fresh, file), "latin1"));
}
