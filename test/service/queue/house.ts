/**
 * A queue at work on a real store, with everything else in the test's hand: clock, timer, delivery and policy. Nothing
 * happens but what the test lets happen; `idle` waits until all that could has.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  formatAddress,
  messageId,
  parseAddress,
  parseDomain,
  sessionId,
  status,
  type Address,
  type Domain,
  type MailboxId,
  type MessageId,
  type Outcome,
  type RelayGrant,
} from "../../../src/mail/index.ts";
import { ManualClock, systemRandom, type Log } from "../../../src/runtime/index.ts";
import { verifiedSender } from "../../../src/policy/checks/index.ts";
import type { Attempt, Parcel } from "../../../src/service/delivery/index.ts";
import {
  openQueue,
  type QueueDeps,
  type QueuePolicy,
  type QueueRunner,
  type QueueSettings,
} from "../../../src/service/queue/index.ts";
import { queueSchema } from "../../../src/service/queue/settings.ts";
import type {
  Departure,
  DepartingRecipient,
  MessageDraft,
  Queue,
  QueueRow,
  Store,
} from "../../../src/store/index.ts";
import { openSqliteStore } from "../../../src/store/sqlite/index.ts";
import type { Signature } from "../../../src/service/signing/index.ts";
import { ManualTimer } from "../../support/manual-timer.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const ANN = "ann@example.org";

export const OK: Outcome = {
  status: status(250, "2.0.0", "Ok", "remote"),
  reply: { host: "mx.example.net", lines: ["250 2.0.0 Ok: queued as 4X"] },
};
export const LATER: Outcome = {
  status: status(451, "4.3.0", "later", "remote"),
  reply: { host: "mx.example.net", lines: ["451-4.3.0 not now,", "451 4.3.0 later"] },
};
export const NEVER: Outcome = {
  status: status(550, "5.1.1", "who?", "remote"),
  reply: { host: "mx.example.net", lines: ["550 5.1.1 who?"] },
};
export const DEAD: Outcome = { status: status(451, "4.4.1", "no answer", "delivery") };

export interface Logged {
  readonly level: string;
  readonly event: string;
}

/** What a test decides for a parcel: at once, or when it likes. */
export type Answer = (parcel: Parcel) => Attempt | Promise<Attempt>;

export const accept: Answer = ({ recipients }) => ({
  outcomes: recipients.map(() => OK),
  unreachable: false,
});

export function all(outcome: Outcome): Answer {
  return ({ recipients }) => ({ outcomes: recipients.map(() => outcome), unreachable: false });
}

export const unreachable: Answer = ({ recipients }) => ({
  outcomes: recipients.map(() => DEAD),
  unreachable: true,
});

export class QueueHouse {
  readonly clock = new ManualClock();
  readonly timer = new ManualTimer();
  readonly log: Logged[] = [];
  /** All that were attempted, in their order. */
  readonly parcels: Parcel[] = [];
  readonly store: Store;
  readonly ann: MailboxId;
  readonly postmaster: MailboxId;
  answer: Answer = accept;
  /** Of delivery's close. */
  closing: (graceMs: number) => Promise<void> = () => Promise.resolve();
  policy: QueuePolicy;
  signing: QueueDeps["signing"] = { open: () => undefined };
  settings: QueueSettings;
  runner: QueueRunner | undefined;
  /** Thrown by each call of the store's queue that writes, while it is there. */
  failing: Error | undefined;
  #calls = 0;
  /** Of one of them, whichever. */
  #end = Promise.withResolvers<void>();
  #sent = 0;

  constructor(store: Store, settings: Partial<QueueSettings>) {
    this.store = store;
    this.settings = { ...queueSchema.parse({}), ...settings };
    this.ann = known(store.directory.mailbox("ann", domainOf("example.org"))).id;
    this.postmaster = known(store.directory.mailbox("postmaster", domainOf("example.org"))).id;
    this.policy = {
      renewGrant: (row) => grantFor(row.grant.domain),
      verifiedSender,
      strangerRoute: () => ({ mailboxes: [], abroad: [] }),
      route: (address) => ({ mailboxes: this.#mailboxesOf(address), abroad: [] }),
    };
  }

  open(): QueueRunner {
    this.runner = openQueue(() => this.settings, this.#deps());
    return this.runner;
  }

  /** Puts a message into the queue, due now; the runner is not told. */
  async send(
    recipients: readonly (string | Partial<DepartingRecipient>)[],
    parts: Partial<Departure> = {},
    content = "Subject: Hello\r\nMessage-ID: <1@example.org>\r\n\r\nhello\r\n",
  ): Promise<MessageId> {
    const session = sessionId(Buffer.from(String(++this.#sent).padStart(12, "0")));
    const id = messageId(session, 1);
    const draft = this.store.openMessage();
    draft.write(Buffer.from(content), () => {});
    const { tell = "own user" } = parts;
    const departure: Departure = {
      reversePath: ANN,
      ...(tell === "own user" && { login: ANN }),
      tell,
      acceptedAt: this.clock.now(),
      keptOctets: 0,
      smtputf8: false,
      recipients: recipients.map((one) => this.#recipient(one)),
      ...parts,
    };
    const record = {
      session,
      at: this.clock.now(),
      ip: "192.0.2.1",
      addresses: [],
      json: RECEIVED,
    };
    await draft.commit({
      id,
      head: Buffer.from("Received: x\r\n"),
      mailboxes: [],
      departure,
      record,
    });
    return id;
  }

  /** Wakes the runner and lets everything happen that can without time going on. */
  async work(): Promise<void> {
    this.runner?.wake();
    await this.idle();
  }

  /** Lets time pass, a step at a time, and everything happen meanwhile. */
  async pass(ms: number, stepMs = ms): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      this.clock.advance(stepMs);
      this.timer.advance(stepMs);
      await this.idle();
    }
  }

  async idle(): Promise<void> {
    for (let quiet = 0; quiet < 5; quiet++) {
      await nextTurn();
      for (; this.#calls > 0; quiet = 0) await this.#end.promise;
    }
  }

  async rows(): Promise<readonly QueueRow[]> {
    return (await this.store.queue.list({}, { limit: 1000 })).rows;
  }

  /** What is in a mailbox, oldest first. */
  async mail(mailbox: MailboxId): Promise<readonly string[]> {
    const texts: string[] = [];
    for (const { uid } of await this.store.maildrops.list(mailbox)) {
      const octets = await this.store.maildrops.read(mailbox, uid, 0, 1_000_000);
      texts.push(Buffer.from(known(octets)).toString());
    }
    return texts;
  }

  /** The recipients of each attempt so far. */
  attempts(): readonly (readonly string[])[] {
    return this.parcels.map(({ recipients }) => recipients.map(({ forwardPath }) => forwardPath));
  }

  #recipient(one: string | Partial<DepartingRecipient>): DepartingRecipient {
    const parts = typeof one === "string" ? { forwardPath: one } : one;
    const { forwardPath = "bob@example.net" } = parts;
    const domain = forwardPath.slice(forwardPath.lastIndexOf("@") + 1);
    const grant = grantFor(domainOf(domain));
    return { forwardPath, grant, destination: domain, dueAt: this.clock.now(), ...parts };
  }

  #mailboxesOf(address: Address): readonly MailboxId[] {
    if (formatAddress(address) === ANN) return [this.ann];
    return address.local === "postmaster" ? [this.postmaster] : [];
  }

  #deps(): QueueDeps {
    const { store, clock, timer } = this;
    const note = (level: string) => (event: string) => void this.log.push({ level, event });
    const log: Log = { info: note("info"), warn: note("warn"), error: note("error"), flush() {} };
    const postmaster = addressOf("postmaster@example.org");
    return {
      queue: this.#watched(store.queue),
      messages: { openMessage: () => this.#watchedDraft(store.openMessage()) },
      delivery: {
        attempt: (parcel) => {
          this.parcels.push(parcel);
          return Promise.resolve(this.answer(parcel));
        },
        close: (graceMs) => this.closing(graceMs),
      },
      policy: {
        renewGrant: (row) => this.policy.renewGrant(row),
        verifiedSender: (row) => this.policy.verifiedSender(row),
        strangerRoute: (sender) => this.policy.strangerRoute(sender),
        route: (...asked) => this.policy.route(...asked),
      },
      site: () => ({ hostname: domainOf("mx.example.org"), postmaster }),
      signing: { open: (domain) => this.#watchedSignature(this.signing.open(domain)) },
      clock,
      random: systemRandom,
      timer,
      log,
    };
  }

  /** Counts what is under way in the store, so that the test knows when nothing is. */
  async #counted<T>(call: () => Promise<T>): Promise<T> {
    this.#calls++;
    try {
      if (this.failing !== undefined) throw this.failing;
      return await call();
    } finally {
      this.#calls--;
      this.#end.resolve();
      this.#end = Promise.withResolvers();
    }
  }

  #watchedSignature(signature: Signature | undefined): Signature | undefined {
    return (
      signature && {
        body: (slice) => signature.body(slice),
        finish: (section) => this.#counted(() => signature.finish(section)),
      }
    );
  }

  #watchedDraft(draft: MessageDraft): MessageDraft {
    return {
      write: (slice, drained) => draft.write(slice, drained),
      commit: (message) => this.#counted(() => draft.commit(message)),
      abandon: () => draft.abandon(),
    };
  }

  #watched(queue: Queue): QueueDeps["queue"] {
    return {
      nextDue: () => queue.nextDue(),
      read: (row, offset, limit) => queue.read(row, offset, limit),
      list: (filter, page) => this.#counted(() => queue.list(filter, page)),
      claim: (claim) => this.#counted(() => queue.claim(claim)),
      extend: (lease, rows, until) => this.#counted(() => queue.extend(lease, rows, until)),
      giveBack: (lease, rows, at) => this.#counted(() => queue.giveBack(lease, rows, at)),
      settle: (settlement) => this.#counted(() => queue.settle(settlement)),
    };
  }
}

const RECEIVED = JSON.stringify({
  v: 1,
  protocol: "smtp",
  session: "0",
  at: 0,
  listener: "submission",
  ip: "192.0.2.1",
  events: [],
});

/** example.org with the mailboxes of ann and the postmaster; the runner is not open yet. */
export async function queueHouse(
  t: TestContext,
  settings: Partial<QueueSettings> = {},
): Promise<QueueHouse> {
  const folder = mkdtempSync(join(tmpdir(), "gatepost-queue-"));
  const store = await openSqliteStore({ path: join(folder, "store.db"), exclusive: true });
  const domain = domainOf("example.org");
  await store.directory.change({ kind: "add-domain", domain }, () => true);
  for (const local of ["ann", "postmaster"])
    await store.directory.change(
      { kind: "add-mailbox", local, domain, verifier: "none" },
      () => true,
    );
  const house = new QueueHouse(store, settings);
  t.after(async () => {
    house.failing = undefined;
    const stopping = house.runner?.stop(0);
    for (let i = 0; i < 5; i++) await house.pass(HOUR); // nobody waits for an attempt that the test left
    await stopping;
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return house;
}

/** Only policy can make a grant; what it is handed to has to be tested with one all the same. */
export function grantFor(domain: Domain): RelayGrant {
  return { basis: "login", holder: ANN, domain } as RelayGrant;
}

export function domainOf(name: string): Domain {
  return known(parseDomain(name));
}

export function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (typeof address === "string") throw new Error(`${text}: ${address}`);
  return address;
}

export function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("not there");
  return value;
}
