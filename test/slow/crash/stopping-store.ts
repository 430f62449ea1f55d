/** A store that counts its steps and calls `stop` at one of them: before a call, and after what it promised is done. */
import type { ServerParts } from "../../../src/app/index.ts";
import type { MessageDraft, Store } from "../../../src/store/index.ts";
import { openSqliteStore } from "../../../src/store/sqlite/index.ts";

export function stoppingStore(at: number, stop: () => void): ServerParts["openStore"] {
  let steps = 0;
  const step = (): void => {
    if (++steps === at) stop();
  };
  return async (options) => {
    const store = await openSqliteStore(options);
    return wrapped(store, step);
  };
}

function wrapped(store: Store, step: () => void): Store {
  return {
    directory: store.directory,
    journal: {
      find: (query) => store.journal.find(query),
      prune: (before, octets) => store.journal.prune(before, octets),
      note(record) {
        step();
        store.journal.note(record);
        step();
      },
    },
    maildrops: {
      list: (mailbox) => store.maildrops.list(mailbox),
      read: (mailbox, uid, offset, limit) => store.maildrops.read(mailbox, uid, offset, limit),
      async remove(mailbox, uids) {
        step();
        await store.maildrops.remove(mailbox, uids);
        step();
      },
    },
    queue: store.queue,
    sending: store.sending,
    recover: () => store.recover(),
    openMessage: () => wrappedDraft(store.openMessage(), step),
    close: () => store.close(),
  };
}

function wrappedDraft(draft: MessageDraft, step: () => void): MessageDraft {
  return {
    write(slice, drained) {
      step();
      const ready = draft.write(slice, drained);
      step();
      return ready;
    },
    async commit(acceptance) {
      step();
      const result = await draft.commit(acceptance);
      step();
      return result;
    },
    abandon() {
      step();
      draft.abandon();
      step();
    },
  };
}
