/** The queue: rows come with their message or not at all, are claimed by one owner, and settled in one transaction. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MailboxId, RelayGrant } from "../../src/mail/index.ts";
import type { Engine } from "./engine.ts";
import * as q from "./queue-site.ts";
import {
  acceptance,
  addMailbox,
  contents,
  deposit,
  HEAD_TEXT,
  mailboxOf,
  noise,
  openSite,
  record,
  uids,
  writeAll,
} from "./site.ts";

const { T } = q;
const GONE = 4711 as MailboxId; // no store has given it

export function queueCases(engine: Engine): void {
  entryCases(engine);
  contentCases(engine);
  claimCases(engine);
  leaseCases(engine);
  settleCases(engine);
}

function entryCases(engine: Engine): void {
  test("a row is read as it was put in", async (t) => {
    const { store } = await openSite(t, engine);
    const bob = q.recipient("bob@example.net", { notify: ["FAILURE", "DELAY"], orcpt: "rfc822;b" });
    const parts = {
      ret: "HDRS",
      envid: "QQ",
      body: "8BITMIME",
      smtputf8: true,
      requireTls: true,
    } as const;
    const kept = acceptance([], { departure: q.departure([bob], parts) });
    await deposit(store, [], "content", kept);
    const [row] = await q.listed(store);
    assert.deepEqual(row, {
      id: row?.id,
      message: kept.id,
      octets: HEAD_TEXT.length + "content".length,
      reversePath: "ann@example.org",
      forwardPath: "bob@example.net",
      grant: { basis: "login", holder: "ann@example.org", domain: "example.net" },
      destination: "example.net",
      login: "ann@example.org",
      tell: "own user",
      parameters: { ...parts, notify: ["FAILURE", "DELAY"], orcpt: "rfc822;b" },
      acceptedAt: T,
      attempts: 0,
      delayReported: false,
      inDoubt: false,
      state: { kind: "waiting", dueAt: T },
    });
  });

  /** What has no grant, or one that does not cover it. */
  const grants: readonly (readonly [string, unknown])[] = [
    ["no grant", undefined],
    ["a grant for another domain", q.grantFor("example.com")],
    ["a grant for a part of its domain's name", q.grantFor("net")],
    ["a grant of an unknown basis", { ...q.grantFor("example.net"), basis: "wish" }],
    ["a grant of nobody", { ...q.grantFor("example.net"), holder: "" }],
  ];
  for (const [title, grant] of grants)
    test(`a recipient with ${title} is refused, and its whole message`, async (t) => {
      const { site, store } = await openSite(t, engine);
      const ann = await addMailbox(store, "ann");
      const bob = q.recipient("bob@example.net", { grant: grant as RelayGrant }); // what types forbid
      const leaves = q.departure(["carl@example.net", bob]);
      await assert.rejects(deposit(store, [ann], "x", { departure: leaves }), {
        name: "StoreError",
      });
      assert.deepEqual(await q.listed(store), []);
      assert.deepEqual(await contents(store, ann), []);
      await site.close(store);
      assert.equal(engine.countOrphans(site.location), 0);
    });

  test("a message that is refused leaves no rows", async (t) => {
    const { store } = await openSite(t, engine);
    const leaves = q.departure(["bob@example.net"]);
    const result = await deposit(store, [GONE], "x", { departure: leaves });
    assert.equal(result.kind, "refused");
    assert.deepEqual(await q.listed(store), []);
    assert.equal(store.queue.nextDue(), undefined);
  });

  test("a departure for nobody is refused", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    const leaves = q.departure([]);
    await assert.rejects(deposit(store, [ann], "x", { departure: leaves }), { name: "StoreError" });
  });
}

function contentCases(engine: Engine): void {
  test("what is sent is the message without what stays here", async (t) => {
    const { store } = await openSite(t, engine);
    const head = Buffer.from("Return-Path: <ann@example.org>\r\nReceived: here\r\n");
    const keptOctets = head.indexOf("Received");
    const leaves = q.departure(["bob@example.net"], { keptOctets });
    await deposit(store, [], "content", { head, departure: leaves });
    const [row = assert.fail()] = await q.listed(store);
    const sent = "Received: here\r\ncontent";
    assert.equal(row.octets, sent.length);
    for (const limit of [1, 7, 1000])
      assert.equal((await q.pullRow(store, row, limit)).toString(), sent);
    assert.equal((await store.queue.read(row.id, 1000, 10))?.length, 0);
  });

  test("a large message is sent as it came", async (t) => {
    const { store } = await openSite(t, engine);
    const content = noise(700_000);
    const draft = store.openMessage();
    await writeAll(draft, content, 65_536);
    await draft.commit(acceptance([], { departure: q.departure(["bob@example.net"]) }));
    const [row = assert.fail()] = await q.listed(store);
    const whole = await q.pullRow(store, row, 65_536);
    assert.ok(whole.subarray(HEAD_TEXT.length).equals(content));
  });

  test("content is there until the last that holds it has gone, mailbox or row", async (t) => {
    const { site, store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    await deposit(store, [ann], "x", {
      departure: q.departure(["b@example.net", "c@example.net"]),
    });
    await store.maildrops.remove(ann, await uids(store, ann));
    const { lease, rows } = await q.mustClaim(store);
    const [b = assert.fail(), c = assert.fail()] = rows;
    await q.settle(store, lease, [q.done(b)]);
    assert.equal((await q.pullRow(store, c, 100)).toString(), `${HEAD_TEXT}x`);
    assert.equal(await store.queue.read(b.id, 0, 100), undefined);
    await q.settle(store, lease, [q.done(c)]);
    assert.deepEqual(await q.listed(store), []);
    await site.close(store);
    assert.equal(engine.countOrphans(site.location), 0);
  });
}

function claimCases(engine: Engine): void {
  test("what is due is claimed, once; what is not due yet waits", async (t) => {
    const { store } = await openSite(t, engine);
    await q.send(store, ["now@example.net", q.recipient("later@example.com", { dueAt: T + 5 })]);
    assert.equal(store.queue.nextDue(), T);
    assert.deepEqual(await q.claimed(store), ["now@example.net"]);
    assert.deepEqual(await q.claimed(store), []);
    assert.equal(store.queue.nextDue(), T + 5);
    assert.deepEqual(await q.claimed(store, { at: T + 5 }), ["later@example.com"]);
  });

  test("a claimed row says since when it was due: its own time, an operator's, or the end of a lease", async (t) => {
    const { store } = await openSite(t, engine);
    await q.send(store, ["bob@example.net"]);
    const first = await q.mustClaim(store, { at: T + 5, until: T + 50 });
    const [row = assert.fail()] = first.rows;
    assert.equal(row.dueSince, T);
    await q.settle(store, first.lease, [q.again(row, T + 300)]);
    await store.queue.act("retry", T + 7, {}, { limit: 1 });
    const second = await q.mustClaim(store, { at: T + 8, until: T + 20 });
    assert.equal(second.rows[0]?.dueSince, T + 7);
    assert.equal((await q.mustClaim(store, { at: T + 30 })).rows[0]?.dueSince, T + 20);
  });

  test("two who claim at once share the rows", async (t) => {
    const { site, store } = await openSite(t, engine);
    const beside = await site.open("command");
    const names = Array.from({ length: 40 }, (_, i) => `u${i}@d${i % 8}.example`);
    await q.send(store, names);
    const claims = Array.from({ length: 16 }, (_, i) =>
      q.claimed(i % 2 === 0 ? store : beside, { destinations: 1, perDestination: 50 }),
    );
    const found = (await Promise.all(claims)).flat();
    assert.deepEqual(found.toSorted(), names.toSorted());
  });

  test("of one destination only so many are under way, whoever has them; a settled one makes room", async (t) => {
    const { store } = await openSite(t, engine);
    await q.send(store, ["a@example.net", "b@example.net", "c@example.net", "x@example.com"]);
    const first = await q.mustClaim(store, { perDestination: 2 });
    assert.equal(first.rows.length, 3);
    assert.deepEqual(await q.claimed(store, { owner: "two", perDestination: 2 }), []);
    const [a = assert.fail()] = first.rows.filter(
      ({ destination }) => destination === "example.net",
    );
    await q.settle(store, first.lease, [q.done(a)]);
    assert.deepEqual(await q.claimed(store, { perDestination: 2 }), ["c@example.net"]);
  });

  test("a destination with many rows, long due, delays nobody", async (t) => {
    const { store } = await openSite(t, engine);
    const many = Array.from({ length: 200 }, (_, i) =>
      q.recipient(`u${i}@dead.example`, { dueAt: T - 5000 }),
    );
    await q.send(store, many);
    await q.send(store, ["bob@example.net"]);
    const limits = { destinations: 1, perDestination: 5 };
    const first = await q.mustClaim(store, limits);
    assert.equal(first.rows.length, 5);
    await q.settle(
      store,
      first.lease,
      first.rows.map((row) => q.again(row, T + 9999)),
      T + 1,
    );
    assert.deepEqual(await q.claimed(store, { ...limits, at: T + 1 }), ["bob@example.net"]);
  });

  test("destinations that are full are no work, and hide none", async (t) => {
    const { store } = await openSite(t, engine);
    const full = Array.from({ length: 5 }, (_, i) => [`a@d${i}.example`, `b@d${i}.example`]).flat();
    await q.send(store, full);
    assert.equal((await q.claimed(store, { perDestination: 1, until: T + 50 })).length, 5);
    await q.send(
      store,
      full.map((name) => `more-${name}`),
    );
    await q.send(store, [q.recipient("bob@example.net", { dueAt: T + 1 })]);
    const one = { at: T + 1, destinations: 1, perDestination: 1 };
    assert.deepEqual(await q.claimed(store, one), ["bob@example.net"]);
    assert.equal(store.queue.nextDue(), T + 50, "it is asked before anything can have changed");
  });
}

function leaseCases(engine: Engine): void {
  test("a lease that ended is taken over, in doubt, and its owner's word counts no more", async (t) => {
    const { store } = await openSite(t, engine);
    await q.send(store, ["bob@example.net"]);
    const old = await q.mustClaim(store, { owner: "old", until: T + 10 });
    assert.deepEqual(await q.claimed(store, { at: T + 9 }), []);
    const taken = await q.mustClaim(store, { owner: "new", at: T + 10 });
    const [row = assert.fail()] = taken.rows;
    assert.deepEqual([row.attempts, row.inDoubt], [1, true]);
    assert.ok(taken.lease.fence > old.lease.fence);
    const report = {
      id: acceptance([]).id,
      head: Buffer.from(HEAD_TEXT),
      content: Buffer.from("r"),
      proof: "login" as const,
    };
    const ann = await addMailbox(store, "ann");
    const late = await store.queue.settle({
      lease: old.lease,
      at: T + 11,
      rows: [q.done(row)],
      report: { ...report, mailboxes: [ann] },
      record: record(),
    });
    assert.deepEqual(late, { kind: "lease lost", rows: [row.id] });
    assert.deepEqual(await contents(store, ann), [], "a report of what somebody else decides");
    assert.deepEqual(await q.addresses(store), ["bob@example.net"]);
    assert.equal((await q.settle(store, taken.lease, [q.done(row)])).kind, "settled");
  });

  test("the same owner's older lease is an old one too", async (t) => {
    const { store } = await openSite(t, engine);
    await q.send(store, ["bob@example.net"]);
    const old = await q.mustClaim(store, { until: T + 10 });
    const { rows } = await q.mustClaim(store, { at: T + 10 });
    const result = await q.settle(store, old.lease, rows.map(q.done));
    assert.equal(result.kind, "lease lost");
  });

  test("one lost row refuses the whole settlement", async (t) => {
    const { store } = await openSite(t, engine);
    await q.send(store, ["a@example.net", "b@example.net"]);
    const { lease, rows } = await q.mustClaim(store);
    const [a = assert.fail(), b = assert.fail()] = rows;
    await q.settle(store, lease, [q.done(a)]);
    const result = await q.settle(store, lease, [q.done(b), q.done(a)]);
    assert.deepEqual(result, { kind: "lease lost", rows: [a.id] });
    assert.deepEqual(await q.addresses(store), ["b@example.net"]);
    const twice = await q.settle(store, lease, [q.done(b), q.done(b)]);
    assert.equal(twice.kind, "lease lost");
  });

  test("an extended lease is not taken over; one given back is due, and no attempt", async (t) => {
    const { store } = await openSite(t, engine);
    await q.send(store, ["bob@example.net"]);
    const { lease, rows } = await q.mustClaim(store, { until: T + 10 });
    const ids = rows.map(({ id }) => id);
    await store.queue.extend(lease, ids, T + 100);
    assert.deepEqual(await q.claimed(store, { at: T + 50 }), []);
    await store.queue.giveBack({ ...lease, fence: lease.fence + 1 }, ids, T);
    assert.deepEqual(await q.claimed(store, { at: T + 50 }), [], "a stranger gave it back");
    await store.queue.giveBack(lease, ids, T + 50);
    const {
      rows: [row],
    } = await q.mustClaim(store, { at: T + 50 });
    assert.deepEqual([row?.attempts, row?.inDoubt], [0, false]);
  });

  test("a new server takes the rows of the one before at once; a command beside it does not", async (t) => {
    const { site, store } = await openSite(t, engine);
    const far = { until: Date.now() + 3_600_000, at: Date.now() };
    await q.send(store, ["bob@example.net"]);
    await q.mustClaim(store, far);
    await site.close(await site.open("command"));
    assert.deepEqual(await q.claimed(store, far), []);
    await site.close(store);
    const again = await site.open("server");
    const {
      rows: [row],
    } = await q.mustClaim(again, { at: Date.now() });
    assert.deepEqual([row?.forwardPath, row?.attempts, row?.inDoubt], ["bob@example.net", 1, true]);
  });
}

function settleCases(engine: Engine): void {
  test("a row that is due again keeps the outcome, with the remote's words, over a restart", async (t) => {
    const { site, store } = await openSite(t, engine);
    await q.send(store, ["bob@example.net"]);
    const { lease, rows } = await q.mustClaim(store);
    await q.settle(
      store,
      lease,
      rows.map((row) => q.again(row, T + 300)),
      T + 7,
    );
    assert.equal(store.queue.nextDue(), T + 300);
    await site.close(store);
    const [row] = await q.listed(await site.open("server"));
    assert.deepEqual(row?.last, { at: T + 7, outcome: q.DEFERRED });
    assert.deepEqual(row.state, { kind: "waiting", dueAt: T + 300 });
    assert.deepEqual([row.attempts, row.delayReported, row.inDoubt], [1, true, false]);
  });

  test("the record of a settlement is found, also when its rows are gone", async (t) => {
    const { store } = await openSite(t, engine);
    await q.send(store, ["bob@example.net"]);
    const { lease, rows } = await q.mustClaim(store);
    const kept = record({ json: '{"reply":"250 2.0.0 Ok: queued as 4X"}' });
    await store.queue.settle({ lease, at: T, rows: rows.map(q.done), record: kept });
    const [found] = await store.journal.find({ kind: "session", session: kept.session });
    assert.equal(found?.json, kept.json);
  });

  test("a settlement without a record leaves the journal as it was", async (t) => {
    const { store } = await openSite(t, engine);
    await q.send(store, ["bob@example.net"]);
    const { lease, rows } = await q.mustClaim(store);
    const settled = rows.map((row) => q.again(row, T + 300));
    const found = () =>
      store.journal.find({ kind: "address", address: "someone@example.net", limit: 9 });
    const before = await found();
    assert.deepEqual(await store.queue.settle({ lease, at: T, rows: settled }), {
      kind: "settled",
      reported: false,
    });
    assert.deepEqual(await found(), before);
    assert.equal((await q.listed(store))[0]?.attempts, 1);
  });

  test("a report comes with the settlement: into mailboxes, full ones too, and into the queue", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann", 1);
    await q.send(store, ["bob@example.net"]);
    const { lease, rows } = await q.mustClaim(store);
    const [{ id } = assert.fail()] = rows;
    const result = await store.queue.settle({
      lease,
      at: T,
      rows: [{ id, kind: "failed" }],
      report: {
        id: acceptance([]).id,
        head: Buffer.from(HEAD_TEXT),
        content: Buffer.from("report"),
        mailboxes: [GONE, ann],
        proof: "login",
        departure: q.departure(["far@example.com"], { reversePath: "", tell: "nobody" }),
      },
      record: record(),
    });
    assert.deepEqual(result, { kind: "settled", reported: true });
    assert.deepEqual(await contents(store, ann), ["report"]);
    assert.equal(mailboxOf(store, "ann").messages, 1);
    assert.deepEqual(await q.addresses(store), ["far@example.com"]);
  });

  test("a report for mailboxes that have all gone is not stored, and the rest is settled", async (t) => {
    const { site, store } = await openSite(t, engine);
    await q.send(store, ["bob@example.net"]);
    const { lease, rows } = await q.mustClaim(store);
    const head = Buffer.from(HEAD_TEXT);
    const proof = "login" as const;
    const report = { id: acceptance([]).id, head, content: head, mailboxes: [GONE], proof };
    const settlement = { lease, at: T, rows: rows.map(q.done), report, record: record() };
    const result = await store.queue.settle(settlement);
    assert.deepEqual(result, { kind: "settled", reported: false });
    assert.deepEqual(await q.listed(store), []);
    await site.close(store);
    assert.equal(engine.countOrphans(site.location), 0);
  });

  test("a report that cannot be stored settles nothing", async (t) => {
    const { store } = await openSite(t, engine);
    const ann = await addMailbox(store, "ann");
    await q.send(store, ["bob@example.net"]);
    const { lease, rows } = await q.mustClaim(store);
    const ungranted = q.recipient("far@example.com", { grant: q.grantFor("example.org") });
    const head = Buffer.from(HEAD_TEXT);
    const report = {
      id: acceptance([]).id,
      head,
      content: head,
      mailboxes: [ann],
      proof: "login" as const,
      departure: q.departure([ungranted]),
    };
    const settlement = { lease, at: T, rows: rows.map(q.done), report, record: record() };
    await assert.rejects(store.queue.settle(settlement), { name: "StoreError" });
    assert.deepEqual(await q.addresses(store), ["bob@example.net"]);
    assert.deepEqual(await contents(store, ann), []);
    assert.equal((await q.settle(store, lease, rows.map(q.done))).kind, "settled");
  });
}
