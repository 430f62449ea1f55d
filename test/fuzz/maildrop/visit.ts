/** One session's view of the site: what its desk is given, and what it must account for in the end. */
import assert from "node:assert/strict";
import type { MailboxId, SessionFacts } from "../../../src/mail/index.ts";
import { ManualClock, type Fields, type Log } from "../../../src/runtime/index.ts";
import type { LoginResult, ScramLogin } from "../../../src/service/accounts/index.ts";
import type { MaildropDeps } from "../../../src/service/maildrop/index.ts";
import {
  StoreError,
  type MaildropMessage,
  type Maildrops,
  type SessionRecord,
} from "../../../src/store/index.ts";
import { PASSWORD, SERVER_NONCE, VERIFIER } from "../pop3/scram.ts";
import { octetsIn, type ChaosSite } from "./site.ts";

/** Promises that a slow store keeps before its own. */
export const LONGEST_TURNS = 150;

type Refusal = Exclude<LoginResult, { readonly kind: "ok" }>;

export class Visit {
  readonly #site: ChaosSite;
  /** Whose mailbox may be opened, since the last login; and under which name that is to be recorded. */
  #admitted: { readonly id: MailboxId; readonly name: string } | undefined;
  /** Names of those whose mailbox was opened. */
  readonly #opened: string[] = [];
  readonly #records: SessionRecord[] = [];
  readonly #removed: string[] = [];
  #logged = 0;
  readonly deps: MaildropDeps;

  constructor(site: ChaosSite) {
    this.#site = site;
    this.deps = {
      accounts: {
        authenticate: (login, password) => this.#authenticate(login, password === PASSWORD),
        openScram: (login) => this.#openScram(login),
      },
      maildrops: this.#maildrops(),
      leases: site.leases,
      clock: new ManualClock(),
      log: this.#log(),
      onEnd: (record) => void this.#records.push(record),
    };
  }

  /** `asked`: what the engine asked to remove; `retrieved`: how many messages it told of. */
  account(asked: readonly string[], saidRemoved: boolean, retrieved: number): void {
    assert.equal(this.#logged, 1, "the session is logged once");
    assert.ok(this.#records.length <= 1, "and recorded once at most");
    if (this.#removed.length > 0 || saidRemoved)
      assert.deepEqual(this.#removed, asked, "what is deleted is what was asked for");
    const [record] = this.#records;
    if (record !== undefined) this.#accountRecord(record, retrieved);
    else
      assert.equal(this.#removed.length + retrieved, 0, "what was fetched or deleted is recorded");
  }

  #accountRecord({ json, addresses }: SessionRecord, retrieved: number): void {
    assert.ok(json.length < 100_000 && addresses.length <= 100, "records are bounded");
    assert.doesNotMatch(json, /[\0-\x1f\x7f-\x9f]/, "records are one line");
    assert.ok(!json.includes(PASSWORD), "no password is recorded");
    const facts = JSON.parse(json) as SessionFacts; // what the desk has just written
    const logins = facts.events.filter((event) => event.kind === "login");
    const opened = logins.filter(({ result }) => result === "ok").map(({ login }) => login);
    assert.deepEqual(opened, this.#opened, "who was let in is recorded");
    const maildrop = facts.events.find((event) => event.kind === "maildrop");
    assert.equal(maildrop?.deleted ?? 0, this.#removed.length);
    assert.equal(maildrop?.retrieved ?? 0, retrieved);
  }

  // ---- Accounts ----

  async #authenticate(login: string, right: boolean): Promise<LoginResult> {
    await this.#delay();
    this.#fail(3);
    this.#admitted = undefined;
    const mailbox = this.#site.find(login);
    if (this.#site.dice.chance(7)) return this.#refusal();
    if (!right || mailbox === undefined) return { kind: "wrong" };
    const name = login.includes("@") ? `${mailbox.local}@local.example` : "no address";
    this.#admitted = { id: mailbox.id, name };
    return { kind: "ok", mailbox };
  }

  #openScram(login: string): ScramLogin | Refusal {
    this.#fail(3);
    if (this.#site.dice.chance(5)) return this.#refusal();
    return {
      kind: "scram",
      verifier: VERIFIER,
      nonce: SERVER_NONCE,
      finish: (right) => this.#authenticate(login, right),
    };
  }

  #refusal(): Refusal {
    const reason = "the dice fell so";
    return this.#site.dice.pick<Refusal>([
      { kind: "wrong", slowedMs: 7 },
      { kind: "disabled" },
      { kind: "busy" },
      { kind: "slowed" },
      { kind: "unavailable", reason },
      { kind: "damaged", reason },
    ]);
  }

  // ---- The store ----

  #maildrops(): Maildrops {
    return {
      list: (id) => this.#list(id),
      read: (id, uid, offset, limit) => this.#read(id, uid, offset, limit),
      remove: (id, uids) => this.#remove(id, uids),
    };
  }

  async #list(id: MailboxId): Promise<readonly MaildropMessage[]> {
    const admitted = this.#admitted;
    this.#site.insist(id === admitted?.id, "a mailbox is opened for its owner");
    this.#site.open(this, id);
    await this.#delay();
    const uids = this.#site.list(id);
    if (this.#site.dice.chance(6)) this.#site.letGo(this); // a mailbox that is not listed is not opened
    else return this.#listed(admitted?.name ?? "nobody", uids);
    throw new StoreError("the disk is away");
  }

  #listed(name: string, uids: readonly string[]): readonly MaildropMessage[] {
    this.#opened.push(name);
    return uids.map((uid) => ({ uid, octets: octetsIn(uid).length }));
  }

  #read(id: MailboxId, uid: string, offset: number, limit: number) {
    this.#fail(2);
    if (!this.#site.has(this, id, uid) || this.#site.dice.chance(1)) return undefined;
    const octets = octetsIn(uid).subarray(offset, offset + limit);
    return this.#site.dice.chance(50) ? octets : this.#later(octets);
  }

  async #later(octets: Uint8Array): Promise<Uint8Array> {
    await this.#delay();
    this.#fail(2);
    return octets;
  }

  /** All or none. */
  async #remove(id: MailboxId, uids: readonly string[]): Promise<void> {
    await this.#delay();
    this.#fail(15);
    this.#site.remove(this, id, uids);
    this.#removed.push(...uids);
    await this.#delay();
  }

  /** Now and then for so long that others come in between. */
  async #delay(): Promise<void> {
    const longest = this.#site.dice.chance(10) ? LONGEST_TURNS : 6;
    for (let turns = this.#site.dice.below(longest); turns > 0; turns--) await Promise.resolve();
  }

  #fail(percent: number): void {
    if (this.#site.dice.chance(percent)) throw new StoreError("the disk is away");
  }

  // ---- The log ----

  #log(): Log {
    const line = (event: string, fields: Fields = {}): void => {
      assert.ok(!JSON.stringify(fields).includes(PASSWORD), "no password is logged");
      if (event !== "pop3 session") return;
      this.#logged++;
      this.#site.letGo(this);
    };
    return { info: line, warn: line, error: () => {}, flush: () => {} };
  }
}
