/**
 * Two mailboxes, and maildrops that are slow and fail when the dice say so. It knows by itself who has which mailbox open,
 * and complains when a session touches one that is not its own.
 */
import assert from "node:assert/strict";
import type { MailboxId } from "../../../src/mail/index.ts";
import { MaildropLeases } from "../../../src/service/maildrop/index.ts";
import type { MailboxEntry } from "../../../src/store/index.ts";
import { domainOf } from "../../support/memory-directory.ts";
import { ManualTimer } from "../../support/manual-timer.ts";
import type { Dice } from "../dice.ts";
import { contentOf, uidOf } from "../pop3/messages.ts";

/** Milliseconds: how long a second login waits. */
const PATIENCE_MS = 5000;

export class ChaosSite {
  readonly dice: Dice;
  readonly leases: MaildropLeases;
  readonly #timer = new ManualTimer();
  readonly #mailboxes = [mailbox(1, "ann"), mailbox(2, "bob")];
  /** What is in them, by uid. */
  readonly #contents = new Map<MailboxId, Set<string>>();
  readonly #holders = new Map<MailboxId, object>();
  readonly #removed = new Set<string>();
  readonly #delivered = new Set<string>();
  /** What went wrong while a desk was listening, which takes an exception for a broken store. */
  readonly #complaints: string[] = [];
  #messages = 0;

  constructor(dice: Dice) {
    this.dice = dice;
    this.leases = new MaildropLeases(this.#timer, PATIENCE_MS);
    for (let i = dice.below(8); i > 0; i--) this.#deliver();
  }

  find(login: string): MailboxEntry | undefined {
    const local = /^(ann|bob)(?:@local\.example)?$/i.exec(login)?.[1]?.toLowerCase();
    return this.#mailboxes.find((known) => known.local === local);
  }

  /** Time passes, mail arrives. */
  rest(): void {
    if (this.dice.chance(25)) this.#timer.advance(PATIENCE_MS);
    if (this.dice.chance(15)) this.#deliver();
  }

  /** In the end, it must have been so. */
  insist(holds: boolean, what: string): void {
    if (!holds) this.#complaints.push(what);
  }

  // ---- What sessions do, by the store's hand ----

  open(session: object, id: MailboxId): void {
    this.insist(!this.#holders.has(id), "a mailbox is open in one session");
    this.#holders.set(id, session);
  }

  letGo(session: object): void {
    for (const [id, holder] of this.#holders) if (holder === session) this.#holders.delete(id);
  }

  list(id: MailboxId): readonly string[] {
    return [...(this.#contents.get(id) ?? [])];
  }

  has(session: object, id: MailboxId, uid: string): boolean {
    this.#isHolder(session, id);
    return this.#contents.get(id)?.has(uid) === true;
  }

  remove(session: object, id: MailboxId, uids: readonly string[]): void {
    this.#isHolder(session, id);
    for (const uid of uids) {
      this.insist(this.#contents.get(id)?.delete(uid) === true, "a message is deleted once");
      this.#removed.add(uid);
    }
  }

  #isHolder(session: object, id: MailboxId): void {
    this.insist(this.#holders.get(id) === session, "only who holds a mailbox touches it");
  }

  #deliver(): void {
    const { id } = this.dice.chance(70) ? mailbox(1, "ann") : mailbox(2, "bob");
    const uid = uidOf(this.#messages++);
    this.#contents.set(id, (this.#contents.get(id) ?? new Set()).add(uid));
    this.#delivered.add(uid);
  }

  // ---- The end ----

  /** Nobody is there any more: every mailbox can be had, and holds what nobody deleted. */
  account(): void {
    assert.deepEqual(this.#complaints, []);
    this.#timer.advance(PATIENCE_MS);
    assert.equal(this.#timer.pending, 0, "nobody waits for a mailbox");
    assert.equal(this.#holders.size, 0, "no session is left");
    for (const { id } of this.#mailboxes) {
      let had = false;
      const nobody = { progress: () => 0, isServed: () => true, expel() {} };
      this.leases.acquire(id, nobody, (lease) => (had = lease !== undefined));
      assert.ok(had, "no lease is left behind");
    }
    const left = this.#mailboxes.flatMap(({ id }) => this.list(id));
    assert.deepEqual(new Set([...left, ...this.#removed]), this.#delivered);
  }
}

export function octetsIn(uid: string): Uint8Array {
  return Buffer.from(contentOf(uid), "latin1");
}

function mailbox(key: number, local: string): MailboxEntry {
  return {
    id: key as MailboxId, // this store's own key
    local,
    domain: domainOf("local.example"),
    disabled: false,
    usedOctets: 0,
    messages: 0,
    createdAt: 0,
  };
}
