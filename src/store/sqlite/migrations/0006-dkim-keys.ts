/** Schema 6: the key pairs with which a domain signs its mail (DKIM). */
import type { Migration } from "./migration.ts";

export const dkimKeys: Migration = {
  version: 6,
  sql: `
    CREATE TABLE dkim_key (
      domain TEXT NOT NULL REFERENCES domain (name),
      selector TEXT NOT NULL,
      algorithm TEXT NOT NULL CHECK (algorithm IN ('rsa-2048', 'ed25519')),
      private_key TEXT NOT NULL, -- PKCS#8, PEM
      state TEXT NOT NULL CHECK (state IN ('published', 'signing', 'retired')),
      created_at INTEGER NOT NULL,
      published_until INTEGER, -- of a retired one
      PRIMARY KEY (domain, selector),
      CHECK ((state = 'retired') = (published_until IS NOT NULL))
    ) STRICT, WITHOUT ROWID;
  `,
};
