/**
 * A store that counts its steps and stops at one of them: before a call, or after what it promised is done. A write that is
 * waited for and has come to its stop before it began is never done, and the server lives on for a moment: what it says
 * without having waited is heard.
 */
import type { ServerParts } from "../../../src/app/index.ts";
import type { MessageDraft, Queue, Store } from "../../../src/store/index.ts";
import { openSqliteStore } from "../../../src/store/sqlite/index.ts";

/** Its writes, as they are called. */
export type Write =
  | "note"
  | "remove"
  | keyof MessageDraft
  | "claim"
  | "settle"
  | "giveBack"
  | "extend";

/** Milliseconds of that moment. */
const LAST_WORDS_MS = 30;

interface Steps {
  /** Whether this is the one. */
  take(write: Write): boolean;
  stop(): void;
}

export class StoppingStore {
  readonly #stop: () => void;
  #stepsLeft = Infinity;
  #only: Write | undefined;

  constructor(stop: () => void) {
    this.#stop = stop;
  }

  readonly open: ServerParts["openStore"] = async (options) =>
    wrapped(await openSqliteStore(options), {
      take: (write) =>
        (this.#only === undefined || write === this.#only) && --this.#stepsLeft === 0,
      stop: this.#stop,
    });

  /** At that step from now on, counted from 1; of one write alone, where one is named. */
  stopAt(step: number, only?: Write): void {
    this.#stepsLeft = step;
    this.#only = only;
  }
}

function wrapped(store: Store, steps: Steps): Store {
  return {
    directory: store.directory,
    journal: {
      find: (query) => store.journal.find(query),
      page: (since, limit, after) => store.journal.page(since, limit, after),
      prune: (before, octets) => store.journal.prune(before, octets),
      note: (record) => atOnce("note", () => store.journal.note(record), steps),
    },
    maildrops: {
      list: (mailbox) => store.maildrops.list(mailbox),
      read: (mailbox, uid, offset, limit) => store.maildrops.read(mailbox, uid, offset, limit),
      remove: (mailbox, uids) =>
        waitedFor("remove", () => store.maildrops.remove(mailbox, uids), steps),
    },
    queue: wrappedQueue(store.queue, steps),
    sending: store.sending,
    stsPolicies: store.stsPolicies,
    reportMails: store.reportMails,
    tlsReports: store.tlsReports,
    tlsResults: store.tlsResults,
    identityCounts: store.identityCounts,
    reportCounts: store.reportCounts,
    greylist: store.greylist,
    listHealth: store.listHealth,
    listQuestions: store.listQuestions,
    relayTests: store.relayTests,
    published: store.published,
    suspects: store.suspects,
    recover: () => store.recover(),
    openMessage: () => wrappedDraft(store.openMessage(), steps),
    close: () => store.close(),
  };
}

function atOnce<T>(write: Write, done: () => T, steps: Steps): T {
  if (steps.take(write)) steps.stop();
  const result = done();
  if (steps.take(write)) steps.stop();
  return result;
}

async function waitedFor<T>(write: Write, done: () => Promise<T>, steps: Steps): Promise<T> {
  if (steps.take(write)) {
    setTimeout(() => steps.stop(), LAST_WORDS_MS);
    return new Promise(() => {});
  }
  const result = await done();
  if (steps.take(write)) steps.stop();
  return result;
}

/** The server's part of it; an operator's commands have a store of their own. */
function wrappedQueue(queue: Queue, steps: Steps): Queue {
  return {
    claim: (claim) => waitedFor("claim", () => queue.claim(claim), steps),
    extend: (lease, rows, until) =>
      waitedFor("extend", () => queue.extend(lease, rows, until), steps),
    giveBack: (lease, rows, at) =>
      waitedFor("giveBack", () => queue.giveBack(lease, rows, at), steps),
    settle: (settlement) => waitedFor("settle", () => queue.settle(settlement), steps),
    nextDue: () => queue.nextDue(),
    read: (row, offset, limit) => queue.read(row, offset, limit),
    list: (filter, page) => queue.list(filter, page),
    act: (action, at, filter, page) => queue.act(action, at, filter, page),
    shape: (page) => queue.shape(page),
    counts: () => queue.counts(),
  };
}

function wrappedDraft(draft: MessageDraft, steps: Steps): MessageDraft {
  return {
    write: (slice, drained) => atOnce("write", () => draft.write(slice, drained), steps),
    commit: (acceptance) => waitedFor("commit", () => draft.commit(acceptance), steps),
    abandon: () => atOnce("abandon", () => draft.abandon(), steps),
  };
}
