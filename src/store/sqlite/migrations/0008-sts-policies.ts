/** Schema 8: the MTA-STS policies of domains that mail was sent to. */
import type { Migration } from "./migration.ts";

export const stsPolicies: Migration = {
  version: 8,
  sql: `
    CREATE TABLE sts_policy (
      domain TEXT NOT NULL PRIMARY KEY,
      id TEXT NOT NULL,
      policy BLOB NOT NULL,
      fetched_at INTEGER NOT NULL,
      until INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX sts_policy_until ON sts_policy (until);
  `,
};
