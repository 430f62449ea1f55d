/** The DKIM keys of domains: added and turned over, inside a transaction that somebody else began. */
import type { Domain } from "../../mail/index.ts";
import type { DirectoryChange } from "../index.ts";
import type { Connection } from "./connection.ts";
import type { SqliteDirectoryReads } from "./directory-reads.ts";

type Change<Kind extends DirectoryChange["kind"]> = DirectoryChange & { readonly kind: Kind };

/** Why they cannot be added; undefined when they were. */
export function addDkimKeys(
  connection: Connection,
  reads: SqliteDirectoryReads,
  { domain, keys }: Change<"add-dkim-keys">,
  now: number,
): string | undefined {
  if (reads.domain(domain) === undefined) return `there is no domain ${domain}`;
  const there = reads.dkimKeys(domain);
  if (there.some(({ state }) => state === "published"))
    return `${domain} has new DKIM keys already that do not sign yet; finish that rotation first`;
  const taken = keys.find(({ selector }) => there.some((one) => one.selector === selector));
  if (taken !== undefined) return `${domain} has a DKIM key ${taken.selector} already`;
  const state = there.some((one) => one.state === "signing") ? "published" : "signing";
  for (const { selector, algorithm, privateKey } of keys)
    connection
      .query("INSERT INTO dkim_key VALUES (?, ?, ?, ?, ?, ?, NULL)")
      .run(domain, selector, algorithm, privateKey, state, now);
  return undefined;
}

/** Why they cannot be turned over; undefined when they were. */
export function turnDkimKeys(
  connection: Connection,
  reads: SqliteDirectoryReads,
  { domain, retiredUntil }: Change<"turn-dkim-keys">,
  now: number,
): string | undefined {
  if (reads.domain(domain) === undefined) return `there is no domain ${domain}`;
  if (!reads.dkimKeys(domain).some(({ state }) => state === "published"))
    return `${domain} has no new DKIM keys; begin a rotation first`;
  forgetRetired(connection, domain, now);
  connection
    .query(
      `UPDATE dkim_key SET state = 'retired', published_until = ?
       WHERE domain = ? AND state = 'signing'`,
    )
    .run(retiredUntil, domain);
  connection
    .query("UPDATE dkim_key SET state = 'signing' WHERE domain = ? AND state = 'published'")
    .run(domain);
  return undefined;
}

function forgetRetired(connection: Connection, domain: Domain, now: number): void {
  connection
    .query("DELETE FROM dkim_key WHERE domain = ? AND published_until <= ?")
    .run(domain, now);
}
