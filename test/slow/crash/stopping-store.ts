/** A store that counts its steps and stops at one of them: before a call, or after what it promised is done. */
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

type Step = (write: Write) => void;

export class StoppingStore {
  readonly #stop: () => void;
  #stepsLeft = Infinity;
  #only: Write | undefined;

  constructor(stop: () => void) {
    this.#stop = stop;
  }

  readonly open: ServerParts["openStore"] = async (options) =>
    wrapped(await openSqliteStore(options), (write) => {
      if (this.#only !== undefined && write !== this.#only) return;
      if (--this.#stepsLeft === 0) this.#stop();
    });

  /** At that step from now on, counted from 1; of one write alone, where one is named. */
  stopAt(step: number, only?: Write): void {
    this.#stepsLeft = step;
    this.#only = only;
  }
}

function wrapped(store: Store, step: Step): Store {
  return {
    directory: store.directory,
    journal: {
      find: (query) => store.journal.find(query),
      prune: (before, octets) => store.journal.prune(before, octets),
      note(record) {
        step("note");
        store.journal.note(record);
        step("note");
      },
    },
    maildrops: {
      list: (mailbox) => store.maildrops.list(mailbox),
      read: (mailbox, uid, offset, limit) => store.maildrops.read(mailbox, uid, offset, limit),
      remove: (mailbox, uids) =>
        between("remove", () => store.maildrops.remove(mailbox, uids), step),
    },
    queue: wrappedQueue(store.queue, step),
    sending: store.sending,
    recover: () => store.recover(),
    openMessage: () => wrappedDraft(store.openMessage(), step),
    close: () => store.close(),
  };
}

async function between<T>(write: Write, done: () => Promise<T>, step: Step): Promise<T> {
  step(write);
  const result = await done();
  step(write);
  return result;
}

/** The server's part of it; an operator's commands have a store of their own. */
function wrappedQueue(queue: Queue, step: Step): Queue {
  return {
    claim: (claim) => between("claim", () => queue.claim(claim), step),
    extend: (lease, rows, until) => between("extend", () => queue.extend(lease, rows, until), step),
    giveBack: (lease, rows, at) => between("giveBack", () => queue.giveBack(lease, rows, at), step),
    settle: (settlement) => between("settle", () => queue.settle(settlement), step),
    nextDue: () => queue.nextDue(),
    read: (row, offset, limit) => queue.read(row, offset, limit),
    list: (filter, page) => queue.list(filter, page),
    act: (action, at, filter, page) => queue.act(action, at, filter, page),
    shape: (page) => queue.shape(page),
    counts: () => queue.counts(),
  };
}

function wrappedDraft(draft: MessageDraft, step: Step): MessageDraft {
  return {
    write(slice, drained) {
      step("write");
      const ready = draft.write(slice, drained);
      step("write");
      return ready;
    },
    commit: (acceptance) => between("commit", () => draft.commit(acceptance), step),
    abandon() {
      step("abandon");
      draft.abandon();
      step("abandon");
    },
  };
}
