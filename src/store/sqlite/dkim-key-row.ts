/** A row of a DKIM key. */
import { DKIM_ALGORITHMS, type DkimKeyEntry } from "../index.ts";
import { integer, oneOf, optionalInteger, text, type Row } from "./values.ts";

export const DKIM_KEYS = `SELECT selector, algorithm, private_key, state, created_at, published_until
  FROM dkim_key WHERE domain = ? ORDER BY selector`;

export function dkimKeyEntry(row: Row): DkimKeyEntry {
  const [selector, algorithm, privateKey, state, createdAt, publishedUntil] = row;
  const until = optionalInteger(publishedUntil ?? null);
  return {
    selector: text(selector),
    algorithm: oneOf(DKIM_ALGORITHMS, algorithm),
    privateKey: text(privateKey),
    createdAt: integer(createdAt),
    ...(until === undefined
      ? { state: oneOf(["published", "signing"], state) }
      : { state: "retired", publishedUntil: until }),
  };
}
