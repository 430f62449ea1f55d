/** Schema 18: questions about published lists, counted; and which networks asked most. */
import type { Migration } from "./migration.ts";

export const listQuestions: Migration = {
  version: 18,
  sql: `
    CREATE TABLE list_question (
      hour INTEGER NOT NULL, -- since 1970, UTC
      zone TEXT NOT NULL, -- '' is none of ours
      outcome TEXT NOT NULL,
      questions INTEGER NOT NULL CHECK (questions > 0),
      PRIMARY KEY (hour, zone, outcome)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE list_client (
      hour INTEGER NOT NULL,
      network TEXT NOT NULL, -- '' is the others together
      questions INTEGER NOT NULL CHECK (questions > 0),
      listed INTEGER NOT NULL CHECK (listed >= 0), -- not counted of the others
      PRIMARY KEY (hour, network)
    ) STRICT, WITHOUT ROWID;
  `,
};
