/**
 * A real server in this process, for clients over loopback: its store is listened to, and its log. It knows what was
 * stored, what was deleted and for whom mail was taken, from the server's side alone.
 */
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { GatepostServer, openDirectory, SERVER_PARTS } from "../../../src/app/index.ts";
import { loadConfig } from "../../../src/config/index.ts";
import type { SessionFacts } from "../../../src/mail/index.ts";
import { silentLog, type Log } from "../../../src/runtime/index.ts";
import type { Acceptance, MessageDraft, SessionRecord, Store } from "../../../src/store/index.ts";
import { ANY_PORTS, newSite, portOf, USER, type Site } from "../../e2e/site.ts";
import { PASSWORD } from "../pop3/scram.ts";

/** Whoever has a mailbox; the SMTP generator writes to them too. */
export const PEOPLE = [
  USER,
  "user@local.example",
  "a.b@local.example",
  "bob@local.example",
] as const;

/** Connections at once, messages coming in at once: few more than the clients need, so that one that is left behind is missed. */
export const CONNECTIONS = 32;

const SETTINGS = [
  ...ANY_PORTS,
  `limits.connections=${2 * CONNECTIONS}`, // the last tenth of them is for those who hold little
  `limits.connections_per_address=${CONNECTIONS}`,
  `limits.bodies=${CONNECTIONS}`,
  "limits.message_bytes=65536",
  "accounts.slow_most_ms=0", // nobody is held back, and a wrong password costs one hash at a time
  "accounts.checks_at_once=1",
  "accounts.checks_waiting=0",
  "pop3.auth_login=true",
  "pop3.takeover_ms=60000", // a mailbox that was left behind stays so
];

/** Milliseconds in which a server must have nothing left to do. */
const PATIENCE_MS = 10_000;

export class SocketSite {
  readonly #site: Site;
  readonly #server: GatepostServer;
  readonly #seen: Seen;

  private constructor(site: Site, server: GatepostServer, seen: Seen) {
    this.#site = site;
    this.#server = server;
    this.#seen = seen;
  }

  static async open(): Promise<SocketSite> {
    const site = await newSite();
    const directory = await openDirectory(loadConfig(site.file));
    for (const person of PEOPLE.slice(1))
      assert.deepEqual(await directory.administration.mailboxes.add(person, PASSWORD), DONE);
    assert.deepEqual(await directory.administration.mailboxes.setPassword(USER, PASSWORD), DONE);
    await directory.administration.aliases.set("x@local.example", [PEOPLE[0], PEOPLE[3]], "add");
    await directory.close();
    const seen = new Seen();
    const server = await GatepostServer.start(loadConfig(site.file, SETTINGS), seen.log(), {
      ...SERVER_PARTS,
      openStore: async (options) => seen.store(await SERVER_PARTS.openStore(options)),
    });
    return new SocketSite(site, server, seen);
  }

  port(service: "smtp" | "pop3"): number {
    return portOf(this.#server, service);
  }

  get seen(): Seen {
    return this.#seen;
  }

  /** Waits until the server has logged the end of so many sessions. */
  async ended(sessions: number): Promise<void> {
    const until = performance.now() + PATIENCE_MS;
    while (this.#seen.sessions < sessions && performance.now() < until) await setTimeout(5);
    assert.equal(this.#seen.sessions, sessions, "each session ends, and once");
  }

  async close(): Promise<void> {
    await this.#server.stop(1000);
    this.#site.remove();
  }
}

const DONE = { kind: "done" };

/** What was seen of the server from inside. */
export class Seen {
  /** Sessions whose end was logged. */
  sessions = 0;
  /** Log lines of a server that is at fault. */
  readonly faults: string[] = [];
  /** Messages in the store by id, with the port of the client that sent each. */
  readonly stored = new Map<string, number>();
  /** Copies put into mailboxes, and taken out of them. */
  deposited = 0;
  removed = 0;
  /** Recipients that were taken and are not ours. */
  readonly foreign: string[] = [];

  log(): Log {
    const fault = (event: string, fields: unknown): void =>
      void this.faults.push(`${event} ${JSON.stringify(fields)}`);
    return {
      ...silentLog,
      info: (event, fields) => {
        if (/^(?:smtp|pop3) session$/.test(event)) this.sessions++;
        if (event === "connection turned away") fault(event, fields);
      },
      warn: fault,
      error: fault,
    };
  }

  store(store: Store): Store {
    const { directory, journal, maildrops, queue, sending } = store;
    const {
      stsPolicies,
      reportMails,
      tlsReports,
      tlsResults,
      identityCounts,
      reportCounts,
      greylist,
    } = store;
    const { listHealth, relayTests, published, suspects, listQuestions } = store;
    return {
      directory,
      queue,
      sending,
      stsPolicies,
      reportMails,
      tlsReports,
      tlsResults,
      identityCounts,
      reportCounts,
      greylist,
      listHealth,
      relayTests,
      published,
      suspects,
      listQuestions,
      journal: {
        note: (record) => {
          this.#record(record);
          journal.note(record);
        },
        find: (query) => journal.find(query),
        page: (since, limit, after) => journal.page(since, limit, after),
        prune: (before, most) => journal.prune(before, most),
      },
      maildrops: {
        list: (mailbox) => maildrops.list(mailbox),
        read: (mailbox, uid, offset, limit) => maildrops.read(mailbox, uid, offset, limit),
        remove: async (mailbox, uids) => {
          await maildrops.remove(mailbox, uids);
          this.removed += uids.length;
        },
      },
      recover: () => store.recover(),
      openMessage: () => this.#draft(store.openMessage()),
      close: () => store.close(),
    };
  }

  #draft(draft: MessageDraft): MessageDraft {
    return {
      write: (slice, drained) => draft.write(slice, drained),
      commit: async (acceptance) => {
        const result = await draft.commit(acceptance);
        if (result.kind === "committed") this.#committed(acceptance);
        return result;
      },
      abandon: () => draft.abandon(),
    };
  }

  #committed({ id, mailboxes, record }: Acceptance): void {
    this.stored.set(id, factsOf(record).port ?? 0);
    this.deposited += mailboxes.length;
    this.#record(record);
  }

  #record(record: SessionRecord): void {
    for (const event of factsOf(record).events)
      if (event.kind === "recipient" && event.decision.action === "accept")
        if (!isOurs(event.address)) this.foreign.push(event.address);
  }
}

function factsOf({ json }: SessionRecord): SessionFacts {
  return JSON.parse(json) as SessionFacts; // what the desk has just written
}

/** By a rule of one line; the address is a journal's key. */
export function isOurs(address: string): boolean {
  return /^(?:ann|user|a\.b|bob|x|postmaster|abuse)(?:\+[^@%!/|]*)?@local\.example$/.test(address);
}
