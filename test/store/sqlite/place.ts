/** A directory for one test's database files. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** The path of a database that is not there yet. */
export function newPath(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "gatepost-sqlite-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "store.db");
}
