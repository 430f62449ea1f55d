/** The SQLite engine, on disk. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openSqliteStore } from "../../src/store/sqlite/index.ts";
import type { Engine } from "./engine.ts";

/** Short, so that a test of a blocked write does not take long. */
const BUSY_TIMEOUT_MS = 200;

const HELD =
  "(SELECT message FROM maildrop UNION SELECT message FROM queue UNION SELECT message FROM report_mail)";

const ORPHANS = `
  SELECT (SELECT count(*) FROM message WHERE id NOT IN ${HELD})
    + (SELECT count(*) FROM part WHERE body NOT IN
        (SELECT body FROM message WHERE body IS NOT NULL AND id IN ${HELD}))
    + (SELECT count(*) FROM provisional)
    + (SELECT count(*) FROM destination WHERE name NOT IN (SELECT destination FROM queue))
    + (SELECT count(*) FROM message WHERE holders <>
        (SELECT count(*) FROM maildrop WHERE message = message.id)
        + (SELECT count(*) FROM queue WHERE message = message.id)
        + (SELECT count(*) FROM report_mail WHERE message = message.id)) AS orphans`;

export const sqliteEngine: Engine = {
  name: "sqlite",

  makeLocation: () => join(mkdtempSync(join(tmpdir(), "gatepost-store-")), "store.db"),

  removeLocation: (location) => rmSync(dirname(location), { recursive: true, force: true }),

  async open(path, role) {
    const exclusive = role === "server";
    const store = await openSqliteStore({ path, exclusive, busyTimeoutMs: BUSY_TIMEOUT_MS });
    if (exclusive) await store.recover();
    return store;
  },

  countOrphans(location) {
    const database = new DatabaseSync(location);
    try {
      return Number(database.prepare(ORPHANS).get()?.["orphans"]);
    } finally {
      database.close();
    }
  },

  blockWrites(location) {
    const database = new DatabaseSync(location, { timeout: 5000 });
    database.exec("BEGIN IMMEDIATE");
    return () => database.close();
  },
};
