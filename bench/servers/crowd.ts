/** Fills a site's store, while no server runs, as years would: many mailboxes, and a journal of many sessions. */
import assert from "node:assert/strict";
import {
  localKey,
  sessionId,
  SESSION_ID_ENTROPY_OCTETS,
  parseAddress,
} from "../../src/mail/index.ts";
import { systemClock, systemRandom } from "../../src/runtime/index.ts";
import type { Directory, Journal, SessionRecord } from "../../src/store/index.ts";
import { openSqliteStore } from "../../src/store/sqlite/index.ts";
import { SINK_MAILBOX } from "./peer.ts";

export interface Crowd {
  readonly mailboxes: number;
  readonly journalRows: number;
}

/** Records noted before they are waited for; the store keeps no more than 10,000 waiting. */
const NOTED_AT_ONCE = 5000;
/** The sessions are spread over so many milliseconds: less than the journal remembers. */
const SPAN_MS = 20 * 86_400_000;

/** The store must hold a session already: the others are made like it. */
export async function fillStore(path: string, crowd: Crowd): Promise<void> {
  const store = await openSqliteStore({ path, exclusive: true });
  try {
    await addMailboxes(store.directory, crowd.mailboxes);
    await addSessions(store.journal, crowd.journalRows);
  } finally {
    await store.close();
  }
}

/** 1user@…, 2user@…: the names that smtp-source -N gives its recipients. All have one password. */
async function addMailboxes(directory: Directory, mailboxes: number): Promise<void> {
  const first = parseAddress(SINK_MAILBOX);
  assert.ok(typeof first === "object" && first.host.kind === "domain");
  const { domain } = first.host;
  const found = directory.mailbox(localKey(first.local), domain);
  const verifier = found && directory.verifier(found.id);
  assert.ok(verifier !== undefined, "the site has no mailbox to copy");
  for (let number = 1; number <= mailboxes; number++) {
    const local = `${number}${localKey(first.local)}`;
    const change = { kind: "add-mailbox", local, domain, verifier } as const;
    const { kind } = await directory.change(change, () => true);
    assert.equal(kind, "changed");
  }
}

async function addSessions(journal: Journal, rows: number): Promise<void> {
  const query = { kind: "ip", ip: "127.0.0.1", limit: 1 } as const;
  const [model] = await journal.find(query);
  assert.ok(model !== undefined, "the journal has no session to copy");
  const { session, json, addresses } = model;
  const start = systemClock.now() - SPAN_MS;
  for (let row = 0; row < rows; row++) {
    const fresh = sessionId(systemRandom.octets(SESSION_ID_ENTROPY_OCTETS));
    const record: SessionRecord = {
      session: fresh,
      at: start + Math.floor((row / rows) * SPAN_MS),
      ip: `10.${(row >> 16) & 255}.${(row >> 8) & 255}.${row & 255}`,
      addresses,
      json: json.replaceAll(session, fresh),
    };
    journal.note(record);
    if (row % NOTED_AT_ONCE === NOTED_AT_ONCE - 1) await journal.find(query);
  }
}
