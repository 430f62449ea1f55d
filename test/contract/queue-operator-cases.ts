/** The queue before an operator: found by what is known, acted on page by page, counted. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { QueueAction, QueueFilter, Store } from "../../src/store/index.ts";
import type { Engine } from "./engine.ts";
import * as q from "./queue-site.ts";
import { domainOf, openSite } from "./site.ts";

const { T } = q;

export function queueOperatorCases(engine: Engine): void {
  listCases(engine);
  actionCases(engine);
  figureCases(engine);
}

/** All rows that fit, page by page. */
async function found(store: Store, filter: QueueFilter, limit: number): Promise<readonly string[]> {
  const names: string[] = [];
  for (let page = await store.queue.list(filter, { limit }); ;) {
    assert.ok(page.rows.length <= limit);
    names.push(...page.rows.map(({ forwardPath }) => forwardPath));
    if (page.next === undefined) return names;
    page = await store.queue.list(filter, { limit, after: page.next });
  }
}

function act(store: Store, action: QueueAction, filter: QueueFilter = {}, at = T) {
  return store.queue.act(action, at, filter, { limit: 100 });
}

function listCases(engine: Engine): void {
  test("rows are found by each condition and by all together, in pages of any size", async (t) => {
    const { store } = await openSite(t, engine);
    await q.send(store, ["a@example.net", "b@example.com"]);
    const eve = { reversePath: "eve@example.org", login: "eve@example.org" };
    await q.send(store, ["a@example.net", "c@example.net"], { ...eve, acceptedAt: T + 10 });
    await q.send(store, [q.recipient("d@example.net", { destination: "hub" })], {
      reversePath: "",
      acceptedAt: T + 20,
    });
    const [first = assert.fail()] = await q.listed(store);
    const expectations: readonly (readonly [QueueFilter, string])[] = [
      [{}, "a b a c d"],
      [{ id: first.id }, "a"],
      [{ message: first.message }, "a b"],
      [{ forwardPath: "a@example.net" }, "a a"],
      [{ reversePath: "eve@example.org" }, "a c"],
      [{ reversePath: "" }, "d"],
      [{ login: "eve@example.org" }, "a c"],
      [{ domain: domainOf("example.net") }, "a a c d"],
      [{ destination: "hub" }, "d"],
      [{ acceptedFrom: T + 10 }, "a c d"],
      [{ acceptedBefore: T + 10 }, "a b"],
      [{ acceptedFrom: T + 1, acceptedBefore: T + 20 }, "a c"],
      [{ domain: domainOf("example.net"), acceptedFrom: T + 1 }, "a c d"],
      [{ domain: domainOf("example.net"), login: "eve@example.org" }, "a c"],
      [{ forwardPath: "a@example.net", reversePath: "eve@example.org" }, "a"],
      [{ forwardPath: "nobody@example.net" }, ""],
    ];
    for (const [filter, expected] of expectations)
      for (const limit of [1, 2, 100]) {
        const names = await found(store, filter, limit);
        const letters = names.map((name) => name.charAt(0)).join(" ");
        assert.equal(letters, expected, JSON.stringify({ filter, limit }));
      }
  });

  test("what is held is found, also what will be when its attempt has ended", async (t) => {
    const { store } = await openSite(t, engine);
    await q.send(store, ["a@example.net", "b@example.com"]);
    await act(store, "hold", { forwardPath: "b@example.com" });
    assert.deepEqual(await found(store, { held: true }, 1), ["b@example.com"]);
    await q.mustClaim(store);
    assert.deepEqual(await found(store, { held: true }, 1), ["b@example.com"]);
    await act(store, "hold");
    await q.send(store, ["c@example.net"], { acceptedAt: T + 1 });
    assert.deepEqual(await found(store, { held: true }, 1), ["a@example.net", "b@example.com"]);
    const elsewhere: QueueFilter = { held: true, domain: domainOf("example.com") };
    assert.deepEqual(await found(store, elsewhere, 1), ["b@example.com"]);
  });

  test("a page looks at a bounded number of rows, and the next goes on", async (t) => {
    const { store } = await openSite(t, engine);
    const many = Array.from({ length: 2500 }, (_, i) => `u${i}@example.net`);
    await q.send(store, many);
    await q.send(store, ["last@example.net"], { login: "eve@example.org", acceptedAt: T + 1 });
    const filter = { reversePath: "ann@example.org", login: "eve@example.org" };
    assert.deepEqual(await found(store, filter, 10), ["last@example.net"]);
    const both = { reversePath: "ann@example.org", domain: domainOf("example.net") };
    assert.deepEqual(await found(store, both, 10), [...many, "last@example.net"]);
  });
}

function actionCases(engine: Engine): void {
  test("retry makes what waits due, and nothing else", async (t) => {
    const { store } = await openSite(t, engine);
    await q.send(store, [q.recipient("bob@example.net", { dueAt: T + 500 })]);
    await q.send(store, ["held@example.net"]);
    await act(store, "hold", { forwardPath: "held@example.net" });
    assert.equal((await act(store, "retry", {}, T + 1)).changed, 1);
    assert.deepEqual(await q.claimed(store, { at: T + 1 }), ["bob@example.net"]);
    assert.equal((await act(store, "retry", {}, T + 1)).changed, 0);
  });

  test("what is held is not attempted until it is released, over a restart", async (t) => {
    const { site, store } = await openSite(t, engine);
    await q.send(store, ["bob@example.net"]);
    assert.equal((await act(store, "hold")).changed, 1);
    assert.equal((await act(store, "hold")).changed, 0);
    assert.equal(store.queue.nextDue(), undefined);
    await site.close(store);
    const again = await site.open("server");
    assert.deepEqual(await q.claimed(again, { at: T + 999_999 }), []);
    assert.deepEqual((await q.listed(again))[0]?.state, { kind: "held" });
    assert.equal((await act(again, "release")).changed, 1);
    assert.deepEqual(await q.claimed(again), ["bob@example.net"]);
  });

  test("what is removed is gone, with its content", async (t) => {
    const { site, store } = await openSite(t, engine);
    await q.send(store, ["bob@example.net", "held@example.net"]);
    await act(store, "hold", { forwardPath: "held@example.net" });
    assert.equal((await act(store, "remove")).changed, 2);
    assert.deepEqual(await q.listed(store), []);
    assert.equal(store.queue.nextDue(), undefined);
    await site.close(store);
    assert.equal(engine.countOrphans(site.location), 0);
  });

  test("an action takes one page, and says where the next begins", async (t) => {
    const { store } = await openSite(t, engine);
    await q.send(store, ["a@example.net", "b@example.net", "c@example.net"]);
    const { changed, next } = await store.queue.act("remove", T, {}, { limit: 2 });
    assert.equal(changed, 2);
    assert.ok(next !== undefined);
    const rest = await store.queue.act("remove", T, {}, { limit: 2, after: next });
    assert.deepEqual(rest, { changed: 1 });
  });

  test("what is under way is held when its attempt has ended, not before", async (t) => {
    const { store } = await openSite(t, engine);
    await q.send(store, ["bob@example.net", "done@example.net"]);
    const { lease, rows } = await q.mustClaim(store);
    assert.equal((await act(store, "hold")).changed, 2);
    assert.equal((await q.listed(store))[0]?.state.kind, "under way");
    const [bob = assert.fail(), other = assert.fail()] = rows;
    const result = await q.settle(store, lease, [q.again(bob, T + 1), q.done(other)]);
    assert.equal(result.kind, "settled");
    const left = await q.listed(store);
    assert.deepEqual(
      left.map(({ forwardPath, state }) => [forwardPath, state.kind]),
      [["bob@example.net", "held"]],
    );
    assert.deepEqual(await q.claimed(store, { at: T + 1 }), []);
  });

  /** How a row that is to be removed or held after its attempt comes to that. */
  const ends = ["settled", "given back", "taken over", "left by a server"] as const;
  for (const action of ["remove", "hold"] as const)
    for (const end of ends)
      test(`what is under way, to be acted on (${action}), and then ${end}`, async (t) => {
        const { site, store } = await openSite(t, engine);
        await q.send(store, ["bob@example.net"]);
        const { lease, rows } = await q.mustClaim(store, { until: T + 10 });
        const [bob = assert.fail()] = rows;
        assert.equal((await act(store, action)).changed, 1);
        assert.equal((await act(store, "retry")).changed, 0);
        assert.deepEqual(await q.addresses(store), ["bob@example.net"]);
        if (end === "settled") await q.settle(store, lease, [q.again(bob, T + 1)]);
        if (end === "given back") await store.queue.giveBack(lease, [bob.id], T + 1);
        if (end === "taken over") assert.deepEqual(await q.claimed(store, { at: T + 10 }), []);
        if (end === "left by a server") await site.close(store);
        const after = end === "left by a server" ? await site.open("server") : store;
        const states = (await q.listed(after)).map(({ state }) => state.kind);
        assert.deepEqual(states, action === "hold" ? ["held"] : []);
        assert.deepEqual(await q.claimed(after, { at: T + 999_999 }), []);
        await site.close(after);
        assert.equal(engine.countOrphans(site.location), 0);
      });

  test("a wish to hold is taken back by release; one to remove is not", async (t) => {
    const { store } = await openSite(t, engine);
    await q.send(store, ["bob@example.net"]);
    await q.mustClaim(store);
    const wish = async () => {
      const [row] = await q.listed(store);
      return row?.state.kind === "under way" ? row.state.wish : undefined;
    };
    await act(store, "hold");
    await act(store, "release");
    assert.equal(await wish(), "send");
    await act(store, "remove");
    await act(store, "release");
    assert.equal(await wish(), "remove");
  });
}

function figureCases(engine: Engine): void {
  test("shape is age by destination, page by page", async (t) => {
    const { store } = await openSite(t, engine);
    const ages = [0, 5, 10, 11, 100].map((age) => T - age);
    for (const acceptedAt of ages) await q.send(store, ["a@example.net"], { acceptedAt });
    await q.send(store, ["b@example.com"], { acceptedAt: T + 50 }); // a clock that was ahead
    const asked = { at: T, ages: [5, 10] };
    const all = await store.queue.shape({ ...asked, limit: 10 });
    assert.deepEqual(all, [
      { destination: "example.com", rows: 1, byAge: [1, 0, 0] },
      { destination: "example.net", rows: 5, byAge: [2, 1, 2] },
    ]);
    const second = await store.queue.shape({ ...asked, limit: 1, after: "example.com" });
    assert.deepEqual(second, all.slice(1));
  });

  test("counts are those of the rows, whatever became of them", async (t) => {
    const { store } = await openSite(t, engine);
    const none = { rows: 0, held: 0, underWay: 0, destinations: 0 };
    assert.deepEqual(await store.queue.counts(), none);
    await q.send(store, ["a@example.net", "b@example.com", "c@example.com"]);
    await act(store, "hold", { forwardPath: "c@example.com" });
    const { lease, rows } = await q.mustClaim(store);
    const counted = { rows: 3, held: 1, underWay: 2, destinations: 2 };
    assert.deepEqual(await store.queue.counts(), counted);
    await q.settle(store, lease, rows.map(q.done));
    const left = { rows: 1, held: 1, underWay: 0, destinations: 1 };
    assert.deepEqual(await store.queue.counts(), left);
    await act(store, "remove");
    assert.deepEqual(await store.queue.counts(), none);
  });
}
