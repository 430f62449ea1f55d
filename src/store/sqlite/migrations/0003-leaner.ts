/**
 * Schema 3: the directory says whether it has changed, and the generations of `journal_key` become eight times
 * smaller, so that the words of a batch fall into few pages.
 */
import type { Migration } from "./migration.ts";

export const leaner: Migration = {
  version: 3,
  sql: `
    INSERT INTO property VALUES ('directory_revision', 0);

    CREATE TABLE journal_word (
      generation INTEGER NOT NULL,
      word TEXT NOT NULL, -- a session, an address or an ip
      record INTEGER NOT NULL,
      PRIMARY KEY (generation, word, record)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO journal_word SELECT record >> 8, word, record FROM journal_key ORDER BY 1, 2, 3;
    DROP TABLE journal_key;
    ALTER TABLE journal_word RENAME TO journal_key;
  `,
};
