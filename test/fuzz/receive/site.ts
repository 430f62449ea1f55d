/**
 * A small site around a receiving desk: the real policy over a directory in memory, and a store, directory and proof
 * that fail when the dice say so. It remembers what it must account for in the end.
 */
import assert from "node:assert/strict";
import { parseIp, sessionId, type Address, type MailboxId } from "../../../src/mail/index.ts";
import { stages } from "../../../src/policy/checks/index.ts";
import { Routing } from "../../../src/policy/routing/index.ts";
import { noGreetingDelay } from "../../../src/net/index.ts";
import { ManualClock, silentLog } from "../../../src/runtime/index.ts";
import { Bodies, SmtpDesk } from "../../../src/service/receive/index.ts";
import {
  StoreError,
  type Acceptance,
  type CommitResult,
  type MessageDraft,
  type SessionRecord,
} from "../../../src/store/index.ts";
import { NO_ACCOUNTS } from "../../support/accounts.ts";
import { domainOf, MemoryDirectory } from "../../support/memory-directory.ts";
import type { Dice } from "../dice.ts";
import { NO_WAYS_OUT } from "../../support/no-ways-out.ts";

export const SESSION = sessionId(new Uint8Array(12));

/** Bodies at once, over all sessions; one session has one. */
const BODIES = 1;

/** A message in the store's hands. */
class ChaosDraft implements MessageDraft {
  readonly #dice: Dice;
  readonly #mailboxes: readonly MailboxId[];
  octets = 0;
  abandoned = 0;
  committed: Acceptance | undefined;
  drained: (() => void) | undefined;

  constructor(dice: Dice, mailboxes: readonly MailboxId[]) {
    this.#dice = dice;
    this.#mailboxes = mailboxes;
  }

  write(slice: Uint8Array, drained: () => void): boolean {
    assert.equal(this.abandoned, 0, "nothing is written to a draft that was let go");
    this.octets += slice.length;
    if (this.#dice.chance(70)) return true;
    this.drained = drained;
    return false;
  }

  async commit(acceptance: Acceptance): Promise<CommitResult> {
    for (let turns = this.#dice.below(4); turns > 0; turns--) await Promise.resolve();
    const [mailbox] = acceptance.mailboxes;
    assert.ok(mailbox !== undefined, "a message without a mailbox");
    for (const id of acceptance.mailboxes) assert.ok(this.#mailboxes.includes(id));
    const fate = this.#dice.below(100);
    if (fate < 8) throw new StoreError("the disk is full");
    if (fate < 12) return { kind: "refused", why: "over quota", mailbox };
    if (fate < 15) return { kind: "refused", why: "mailbox gone", mailbox };
    this.committed = acceptance;
    return { kind: "committed" };
  }

  abandon(): void {
    this.abandoned++;
  }
}

export class ChaosSite {
  readonly #dice: Dice;
  readonly #directory = new MemoryDirectory()
    .withDomain("local.example")
    .withMailbox("ann@local.example", "user@local.example", "a.b@local.example")
    .withAlias("x@local.example", "ann@local.example", "user@local.example");
  readonly #mailboxes: readonly MailboxId[];
  readonly #bodies = new Bodies(new ManualClock());
  readonly #drafts: ChaosDraft[] = [];
  readonly #records: SessionRecord[] = [];
  #sessions = 0;

  constructor(dice: Dice) {
    this.#dice = dice;
    this.#mailboxes = this.#directory.mailboxes({ limit: 9 }).map(({ id }) => id);
  }

  desk(): SmtpDesk {
    const ip = parseIp(this.#dice.pick(["192.0.2.9", "10.0.0.1", "127.0.0.1", "::1"]));
    assert.ok(ip !== undefined);
    const postmaster = () => this.#directory.mailbox("ann", domainOf("local.example"));
    return new SmtpDesk(
      {
        hostname: "mx.local.example",
        limits: { headerOctets: 50, bodies: BODIES },
        clock: new ManualClock(),
        log: { ...silentLog, info: () => void this.#sessions++ },
        routing: new Routing({ directory: this.#directory, postmaster }),
        stages: stages(),
        accounts: NO_ACCOUNTS,
        messages: { openMessage: () => this.#openMessage() },
        journal: { note: (record) => void this.#records.push(record) },
        bodies: this.#bodies,
        greetingDelay: noGreetingDelay,
        ...NO_WAYS_OUT,
        directoryProved: () => this.#proved(),
      },
      { session: SESSION, ip, port: 4711, listener: "smtp" },
    );
  }

  /** Somebody who waits for room in a draft gets it; false when nobody does. */
  drain(): boolean {
    const draft = this.#drafts.find(({ drained }) => drained !== undefined);
    const drained = draft?.drained;
    if (draft !== undefined) draft.drained = undefined;
    drained?.();
    return drained !== undefined;
  }

  /** The session is over: everything is given back, and what was answered 250 is what was stored. */
  account(acceptedIds: readonly string[]): void {
    assert.equal(this.#bodies.total, 0, "bodies are given back");
    assert.equal(this.#sessions, 1, "the session is logged once");
    for (const { abandoned } of this.#drafts) assert.equal(abandoned, 1, "a draft is let go once");
    const stored = this.#drafts.flatMap(({ committed }) => committed ?? []);
    const ids = stored.map(({ id }) => id);
    assert.deepEqual(ids.slice(0, acceptedIds.length), acceptedIds);
    assert.ok(ids.length <= acceptedIds.length + 1, "one may be stored whose sender did not wait");
    for (const { json, addresses } of [...this.#records, ...stored.map(({ record }) => record)]) {
      assert.ok(json.length < 100 * 1000 && addresses.length <= 100, "records are bounded");
      assert.doesNotMatch(json, /[\0-\x1f\x7f-\x9f]/, "records are one line");
    }
  }

  #openMessage(): ChaosDraft {
    if (this.#dice.chance(3)) throw new StoreError("the store is closed");
    const draft = new ChaosDraft(this.#dice, this.#mailboxes);
    this.#drafts.push(draft);
    return draft;
  }

  #proved(): Promise<void> | undefined {
    this.#directory.broken = this.#dice.chance(3);
    const fate = this.#dice.below(100);
    if (fate < 90) return undefined;
    return fate < 95 ? Promise.resolve() : Promise.reject(new Error("not proved"));
  }
}

/** What the recipient stage may let pass here, by a rule of one line. */
export function isOurs(address: Address): boolean {
  const { local, host } = address;
  return host.kind === "domain" && host.domain === "local.example" && !/^\.|[%!@/|]/.test(local);
}
