/** What a mailbox may send as, what it has sent, and that no limit is exceeded by whoever sends at the same time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MailboxId, SenderGrant } from "../../src/mail/index.ts";
import {
  SENT_KEPT_MS,
  SENT_STEP_MS,
  type CommitResult,
  type DirectoryChange,
  type QueueRow,
  type SentMessage,
  type Store,
} from "../../src/store/index.ts";
import type { Engine } from "./engine.ts";
import {
  again as dueAgain,
  departure,
  done,
  mustClaim,
  send as sendQueued,
  settle,
} from "./queue-site.ts";
import { addMailbox, change, contents, deposit, domainOf, openSite, tryChange } from "./site.ts";

const NOBODY = 4711 as MailboxId;

/** Early in a step. */
const T = 1_000 * SENT_STEP_MS + 1;
const HOUR = 3_600_000;

export function sendingCases(engine: Engine): void {
  grantCases(engine);
  countCases(engine);
  failureCases(engine);
  limitCases(engine);
  noticeCases(engine);
}

const BOSS: SenderGrant = { local: "boss", domain: domainOf("abroad.example") };
const SHOP: SenderGrant = { domain: domainOf("shop.example") };

function allow(mailbox: MailboxId, sender: SenderGrant): DirectoryChange {
  return { kind: "allow-sender", mailbox, sender };
}

function deny(mailbox: MailboxId, sender: SenderGrant): DirectoryChange {
  return { kind: "deny-sender", mailbox, sender };
}

function grantCases(engine: Engine): void {
  test("senders are granted and taken back, each for its own mailbox", async (t) => {
    const { store } = await openSite(t, engine, "command");
    const [ann, bob] = [await addMailbox(store, "ann"), await addMailbox(store, "bob")];
    assert.deepEqual(store.directory.senderGrants(ann), []);
    await change(store, allow(ann, SHOP));
    await change(store, allow(ann, BOSS));
    await change(store, allow(bob, BOSS));
    await change(store, allow(ann, { ...BOSS, local: "aide" }));
    assert.deepEqual(store.directory.senderGrants(ann), [{ ...BOSS, local: "aide" }, BOSS, SHOP]);
    await change(store, deny(ann, BOSS));
    assert.deepEqual(store.directory.senderGrants(ann), [{ ...BOSS, local: "aide" }, SHOP]);
    assert.deepEqual(store.directory.senderGrants(bob), [BOSS]);
    assert.deepEqual(store.directory.senderGrants(NOBODY), []);
  });

  test("an address and its domain are two grants", async (t) => {
    const { store } = await openSite(t, engine, "command");
    const ann = await addMailbox(store, "ann");
    await change(store, allow(ann, BOSS));
    await change(store, allow(ann, { domain: BOSS.domain }));
    await change(store, deny(ann, { domain: BOSS.domain }));
    assert.deepEqual(store.directory.senderGrants(ann), [BOSS]);
  });

  test("a grant that does not fit is a conflict in words, and changes nothing", async (t) => {
    const { store } = await openSite(t, engine, "command");
    const ann = await addMailbox(store, "ann");
    await change(store, allow(ann, BOSS));
    const conflicts: readonly (readonly [DirectoryChange, RegExp])[] = [
      [allow(ann, BOSS), /boss@abroad\.example is granted already/],
      [deny(ann, SHOP), /@shop\.example was not granted/],
      [deny(ann, { domain: BOSS.domain }), /@abroad\.example was not granted/],
      [allow(NOBODY, BOSS), /no such mailbox/],
      [deny(NOBODY, BOSS), /no such mailbox/],
      // It must not become the whole domain on the way.
      [allow(ann, { ...SHOP, local: "" }), /without a name/],
    ];
    for (const [wanted, problem] of conflicts) {
      const result = await tryChange(store, wanted);
      assert.ok(result.kind === "conflict", JSON.stringify(wanted));
      assert.match(result.problem, problem);
    }
    assert.deepEqual(store.directory.senderGrants(ann), [BOSS]);
  });

  test("grants and counts go with their mailbox", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    await change(store, allow(ann, BOSS));
    await send(store, { mailbox: ann });
    await note(store, ann, ann, 1);
    await change(store, { kind: "remove-mailbox", id: ann });
    const again = await addMailbox(store, "ann");
    assert.deepEqual(store.directory.senderGrants(again), []);
    assert.deepEqual(store.sending.sent(ann, 0, T), []);
  });

  test("a mailbox's sending factor is set and taken away, and nothing else with it", async (t) => {
    const { store } = await openSite(t, engine, "command");
    const id = await addMailbox(store, "ann", 5000);
    const seen = () => {
      const { sendingFactor, quotaOctets } = store.directory.mailboxById(id) ?? {};
      return [sendingFactor, quotaOctets];
    };
    await change(store, { kind: "set-mailbox", id, sendingFactor: 5 });
    assert.deepEqual(seen(), [5, 5000]);
    await change(store, { kind: "set-mailbox", id, quotaOctets: 6000 });
    assert.deepEqual(seen(), [5, 6000]);
    await change(store, { kind: "set-mailbox", id, sendingFactor: null });
    assert.deepEqual(seen(), [undefined, 6000]);
  });
}

/** Hands a message in that leaves for one recipient. */
function send(
  store: Store,
  parts: Partial<SentMessage> & Pick<SentMessage, "mailbox">,
): Promise<CommitResult> {
  const sending: SentMessage = {
    at: T,
    network: "192.0.2.1",
    recipients: 1,
    recipientsRefused: 0,
    limits: [],
    ...parts,
  };
  return deposit(store, [], "content", { departure: departure(["bob@example.net"]), sending });
}

/** "messages/recipients/refused" of each step, by its end and network. */
function sentOf(store: Store, mailbox: MailboxId, since = 0, at = T): readonly string[] {
  return store.sending
    .sent(mailbox, since, at)
    .map(
      ({ until, network, messages, recipients, recipientsRefused }) =>
        `${until - T + 1} ${network} ${messages}/${recipients}/${recipientsRefused}`,
    );
}

function countCases(engine: Engine): void {
  test("what is sent is counted with its acceptance, by step and network, and survives a restart", async (t) => {
    const { site, store } = await openSite(t, engine);
    const [ann, bob] = [await addMailbox(store, "ann"), await addMailbox(store, "bob")];
    await send(store, { mailbox: ann, recipients: 3, recipientsRefused: 1 });
    await send(store, { mailbox: ann, recipients: 2, at: T + SENT_STEP_MS - 2 });
    await send(store, { mailbox: ann, network: "198.51.100.7" });
    await send(store, { mailbox: ann, at: T + SENT_STEP_MS - 1 });
    await send(store, { mailbox: bob });
    const expected = [
      `${SENT_STEP_MS} 192.0.2.1 2/5/1`,
      `${SENT_STEP_MS} 198.51.100.7 1/1/0`,
      `${2 * SENT_STEP_MS} 192.0.2.1 1/1/0`,
    ];
    const later = T + SENT_STEP_MS;
    assert.deepEqual(sentOf(store, ann, 0, later), expected);
    assert.deepEqual(sentOf(store, bob), [`${SENT_STEP_MS} 192.0.2.1 1/1/0`]);
    await site.close(store);
    const again = await site.open("server");
    assert.deepEqual(sentOf(again, ann, 0, later), expected);
    assert.deepEqual(sentOf(again, ann, T - 1 + SENT_STEP_MS, later), expected.slice(2));
    assert.deepEqual(sentOf(again, ann, 0, T), expected.slice(0, 2), "nothing of the future");
  });

  test("mail for mailboxes here counts too, and mail of nobody does not", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    const sending: SentMessage = {
      mailbox: ann,
      at: T,
      network: "n",
      recipients: 1,
      recipientsRefused: 0,
      limits: [],
    };
    await deposit(store, [ann], "x", { sending });
    await deposit(store, [ann], "y");
    assert.deepEqual(sentOf(store, ann), [`${SENT_STEP_MS} n 1/1/0`]);
  });

  test("what was not stored is not counted", async (t) => {
    const { store } = await openSite(t, engine);
    const [ann, full] = [await addMailbox(store, "ann"), await addMailbox(store, "full", 1)];
    const sending: SentMessage = {
      mailbox: ann,
      at: T,
      network: "n",
      recipients: 1,
      recipientsRefused: 0,
      limits: [],
    };
    const result = await deposit(store, [full], "x", { sending });
    assert.equal(result.kind === "refused" && result.why, "over quota");
    assert.deepEqual(sentOf(store, ann), []);
  });

  test("what is old is forgotten with the next message, and so is what a clock left that was ahead", async (t) => {
    const { store } = await openSite(t, engine);
    const [ann, bob] = [await addMailbox(store, "ann"), await addMailbox(store, "bob")];
    for (const mailbox of [ann, bob])
      for (const at of [T, T + 2 * SENT_STEP_MS]) await send(store, { mailbox, at });
    const late = T + SENT_KEPT_MS + SENT_STEP_MS;
    await send(store, { mailbox: ann, at: late });
    const ends = (mailbox: MailboxId) =>
      store.sending.sent(mailbox, 0, late).map(({ until }) => (until - T + 1) / SENT_STEP_MS);
    assert.deepEqual(ends(ann), [3, 2 + SENT_KEPT_MS / SENT_STEP_MS]);
    assert.deepEqual(ends(bob), [1, 3]);
    await send(store, { mailbox: bob, at: T });
    assert.deepEqual(ends(bob), [1]);
  });
}

function failureCases(engine: Engine): void {
  test("a recipient that fails for good in the queue is told of its login, and one that waits on is not", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    await sendQueued(store, ["a@example.net", "b@example.net", "c@example.net"]);
    const { lease, rows } = await mustClaim(store);
    const [first, second, third] = rows;
    assert.ok(first !== undefined && second !== undefined && third !== undefined);
    const failed = (row: QueueRow) => ({ id: row.id, kind: "failed" }) as const;
    await settle(store, lease, [failed(first), dueAgain(second, T), done(third)], T);
    assert.deepEqual(sentOf(store, ann), [`${SENT_STEP_MS}  0/0/1`]);
    const next = await mustClaim(store, { at: T });
    await settle(store, next.lease, next.rows.map(failed), T);
    assert.deepEqual(sentOf(store, ann), [`${SENT_STEP_MS}  0/0/2`]);
  });

  test("a failure of nobody's, or of a login that has gone, is told of nobody", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    const { login: _login, ...nobodys } = departure(["a@example.net"]);
    await deposit(store, [], "x", { departure: nobodys });
    await sendQueued(store, ["b@example.net"], { login: "gone@example.org" });
    const { lease, rows } = await mustClaim(store);
    assert.equal(rows.length, 2);
    const result = await settle(
      store,
      lease,
      rows.map(({ id }) => ({ id, kind: "failed" })),
      T,
    );
    assert.equal(result.kind, "settled");
    assert.deepEqual(sentOf(store, ann), []);
  });
}

function limitCases(engine: Engine): void {
  const limited = (mailbox: MailboxId, messages: number, recipients = 1000, since = T - HOUR) => ({
    mailbox,
    limits: [{ since, messages, recipients }],
  });

  test("the message that reaches a limit is taken, the next one is refused and nothing of it is stored", async (t) => {
    const { site, store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    const wanted = limited(ann, 2);
    assert.equal((await send(store, wanted)).kind, "committed");
    assert.equal((await send(store, wanted)).kind, "committed");
    const refusal = { kind: "refused", why: "sending limit", mailbox: ann };
    assert.deepEqual(await send(store, wanted), refusal);
    assert.deepEqual(sentOf(store, ann), [`${SENT_STEP_MS} 192.0.2.1 2/2/0`]);
    assert.equal((await store.queue.counts()).rows, 2);
    await site.close(store);
    assert.equal(engine.countOrphans(site.location), 0);
  });

  test("recipients have limits of their own, from all networks together", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    const wanted = limited(ann, 1000, 5);
    await send(store, { ...wanted, recipients: 3 });
    const more = (recipients: number) => send(store, { ...wanted, recipients, network: "another" });
    assert.equal((await more(3)).kind, "refused");
    assert.equal((await more(2)).kind, "committed");
    assert.equal((await more(1)).kind, "refused");
  });

  test("each of several limits holds, and each looks only as far back as it says", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    await send(store, { mailbox: ann });
    const at = T + HOUR;
    const limits = (hour: number, day: number) => [
      { since: at - HOUR / 2, messages: hour, recipients: 1000 },
      { since: at - 24 * HOUR, messages: day, recipients: 1000 },
    ];
    assert.equal((await send(store, { mailbox: ann, at, limits: limits(5, 1) })).kind, "refused");
    assert.equal((await send(store, { mailbox: ann, at, limits: limits(0, 5) })).kind, "refused");
    assert.equal((await send(store, { mailbox: ann, at, limits: limits(1, 2) })).kind, "committed");
  });

  test("of many messages at once exactly as many are taken as there is room for", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    const results = await Promise.all(
      Array.from({ length: 20 }, () => send(store, limited(ann, 7))),
    );
    assert.equal(results.filter(({ kind }) => kind === "committed").length, 7);
  });

  test("a sender that has gone meanwhile sends nothing", async (t) => {
    const { store } = await openSite(t, engine);
    const refusal = { kind: "refused", why: "mailbox gone", mailbox: NOBODY };
    assert.deepEqual(await send(store, { mailbox: NOBODY }), refusal);
  });
}

/** Puts a notice about a mailbox into one. */
function note(
  store: Store,
  into: MailboxId,
  about: MailboxId,
  day: number,
  text = "notice",
): Promise<CommitResult> {
  return deposit(store, [into], text, { notice: { about, day } });
}

function noticeCases(engine: Engine): void {
  test("one notice a day about a mailbox, also after a restart", async (t) => {
    const { site, store } = await openSite(t, engine);
    const [ann, bob] = [await addMailbox(store, "ann"), await addMailbox(store, "bob")];
    const refusal = { kind: "refused", why: "noticed before", mailbox: bob };
    assert.equal((await note(store, ann, bob, 1, "one")).kind, "committed");
    assert.deepEqual(await note(store, ann, bob, 1, "two"), refusal);
    assert.equal((await note(store, ann, ann, 1, "three")).kind, "committed");
    await site.close(store);
    const again = await site.open("server");
    assert.deepEqual(await note(again, ann, bob, 1, "four"), refusal);
    assert.equal((await note(again, ann, bob, 2, "five")).kind, "committed");
    assert.deepEqual(await contents(again, ann), ["one", "three", "five"]);
  });

  test("a notice that was not stored is none", async (t) => {
    const { store } = await openSite(t, engine);
    const full = await addMailbox(store, "full", 1);
    assert.equal((await note(store, full, full, 1)).kind, "refused");
    await change(store, { kind: "set-mailbox", id: full, quotaOctets: null });
    assert.equal((await note(store, full, full, 1)).kind, "committed");
    const refusal = { kind: "refused", why: "mailbox gone", mailbox: NOBODY };
    assert.deepEqual(await note(store, full, NOBODY, 1), refusal);
  });
}
