/** All aliases, all mailboxes: however many there are, read page after page. */
import type { Domain } from "../mail/index.ts";
import type { AliasEntry, DirectoryReads, MailboxEntry } from "../store/index.ts";

/** Rows read at once when all are wanted. */
const PAGE = 500;

export function* everyAlias(directory: DirectoryReads): Generator<AliasEntry> {
  let page = directory.aliases({ limit: PAGE });
  for (;;) {
    yield* page;
    const after = page.at(-1);
    if (after === undefined || page.length < PAGE) return;
    page = directory.aliases({ after, limit: PAGE });
  }
}

export function* everyMailbox(directory: DirectoryReads, domain?: Domain): Generator<MailboxEntry> {
  const of = domain === undefined ? {} : { domain };
  let page = directory.mailboxes({ ...of, limit: PAGE });
  for (;;) {
    yield* page;
    const after = page.at(-1);
    if (after === undefined || page.length < PAGE) return;
    page = directory.mailboxes({ ...of, after, limit: PAGE });
  }
}
