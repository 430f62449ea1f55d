/** Peers: what they are known by, what they may relay, when they were here; and the authority that makes their certificates. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { KnownPeer, PublicPeer } from "../../src/mail/index.ts";
import type { PeerSeen, Store } from "../../src/store/index.ts";
import type { Engine } from "./engine.ts";
import { change, domainOf, openSite, tryChange } from "./site.ts";

const FAR = domainOf("far.example");
const NEAR = domainOf("near.example");
const OTHER = domainOf("other.example");

const KEYS = ["a".repeat(64), "b".repeat(64)];

const HUB: KnownPeer = {
  name: "hub",
  trust: { kind: "pin", keys: KEYS },
  relays: [
    { sender: FAR, recipient: NEAR },
    { sender: FAR, recipient: OTHER },
  ],
};

const BRANCH: KnownPeer = {
  name: "branch",
  trust: { kind: "private authority", authority: "PEM", names: [FAR, NEAR] },
  relays: [{ sender: NEAR, recipient: FAR }],
};

const STRANGER: PublicPeer = {
  name: "stranger",
  trust: { kind: "public authority", names: [OTHER] },
  relays: [],
};

const SEEN: PeerSeen = { at: 2000, level: "pinned", key: "a".repeat(64), expiresAt: 9000 };

export function peerCases(engine: Engine): void {
  changeCases(engine);
  seenCases(engine);
  authorityCases(engine);
}

function changeCases(engine: Engine): void {
  test("peers of every kind are there as they were added, by their names", async (t) => {
    const { store } = await openSite(t, engine, "command");
    const before = Date.now();
    for (const peer of [HUB, BRANCH, STRANGER]) await change(store, { kind: "add-peer", peer });
    assert.deepEqual(peers(store), [BRANCH, HUB, STRANGER]);
    const { createdAt = 0 } = store.directory.peer("hub") ?? {};
    assert.ok(createdAt >= before && createdAt <= Date.now());
    assert.deepEqual(store.directory.peer("hub"), { ...HUB, createdAt });
    assert.equal(store.directory.peer("nobody"), undefined);
  });

  test("a peer is replaced whole, and keeps its age; removed, it takes its pairs along", async (t) => {
    const { store } = await openSite(t, engine, "command");
    await change(store, { kind: "add-peer", peer: HUB, expiresAt: 5000 });
    const { createdAt } = store.directory.peer("hub") ?? assert.fail();
    const known = { ...BRANCH, name: "hub" };
    await change(store, { kind: "set-peer", peer: known });
    assert.deepEqual(store.directory.peer("hub"), { ...known, createdAt, expiresAt: 5000 });
    const named = { ...STRANGER, name: "hub" };
    await change(store, { kind: "set-peer", peer: named, expiresAt: 6000 });
    assert.deepEqual(store.directory.peer("hub"), { ...named, createdAt, expiresAt: 6000 });
    await change(store, { kind: "set-peer", peer: HUB });
    await change(store, { kind: "remove-peer", name: "hub" });
    await change(store, { kind: "add-peer", peer: { ...HUB, relays: [] } });
    assert.deepEqual(peers(store), [{ ...HUB, relays: [] }]);
  });

  test("a pair that is named twice is one pair", async (t) => {
    const { store } = await openSite(t, engine, "command");
    const pair = { sender: FAR, recipient: NEAR };
    await change(store, { kind: "add-peer", peer: { ...HUB, relays: [pair, pair] } });
    assert.deepEqual(store.directory.peer("hub")?.relays, [pair]);
  });

  test("what does not fit is a conflict in words", async (t) => {
    const { store } = await openSite(t, engine, "command");
    await change(store, { kind: "add-peer", peer: HUB });
    const revision = store.directory.proofRevision();
    const conflicts = [
      [{ kind: "add-peer", peer: { ...BRANCH, name: "hub" } }, "there is already a peer hub"],
      [{ kind: "set-peer", peer: BRANCH }, "there is no peer branch"],
      [{ kind: "remove-peer", name: "branch" }, "there is no peer branch"],
    ] as const;
    for (const [wanted, problem] of conflicts)
      assert.deepEqual(await tryChange(store, wanted), { kind: "conflict", problem });
    assert.deepEqual(peers(store), [HUB]);
    assert.equal(store.directory.proofRevision(), revision);
  });

  test("each change of a peer is one that the proof ranges over", async (t) => {
    const { store } = await openSite(t, engine, "command");
    let last = store.directory.proofRevision();
    for (const wanted of [
      { kind: "add-peer", peer: HUB },
      { kind: "set-peer", peer: { ...HUB, relays: [] } },
      { kind: "remove-peer", name: "hub" },
    ] as const) {
      await change(store, wanted);
      assert.ok(store.directory.proofRevision() > last, wanted.kind);
      last = store.directory.proofRevision();
    }
  });
}

function seenCases(engine: Engine): void {
  test("a visit that was noted is there when the store is closed; no revision grows with it", async (t) => {
    const { site, store } = await openSite(t, engine);
    for (const peer of [HUB, BRANCH]) await change(store, { kind: "add-peer", peer, expiresAt: 1 });
    const revision = store.directory.revision();
    for (const at of [1000, 3000, 2000]) store.directory.notePeerSeen("hub", { ...SEEN, at });
    store.directory.notePeerSeen("nobody", SEEN);
    await site.close(store);
    const again = await site.open("command");
    const [branch, hub] = again.directory.peers();
    const { expiresAt, ...lastSeen } = { ...SEEN, at: 3000 };
    assert.deepEqual([hub?.lastSeen, hub?.expiresAt], [lastSeen, expiresAt]);
    assert.deepEqual([branch?.lastSeen, branch?.expiresAt], [undefined, 1]);
    assert.equal(again.directory.revision(), revision);
  });
}

function authorityCases(engine: Engine): void {
  test("the authority is made once, and stays", async (t) => {
    const { site, store } = await openSite(t, engine, "command");
    const [authority, other] = ["one", "two"].map((certificate) => ({
      certificate,
      privateKey: "key",
    }));
    assert.ok(authority !== undefined && other !== undefined);
    assert.equal(store.directory.peerAuthority(), undefined);
    const revision = store.directory.proofRevision();
    await change(store, { kind: "make-peer-authority", authority });
    const again = await tryChange(store, { kind: "make-peer-authority", authority: other });
    assert.deepEqual(again, {
      kind: "conflict",
      problem: "there is an authority for peers already",
    });
    assert.equal(store.directory.proofRevision(), revision, "it opens nothing");
    await site.close(store);
    assert.deepEqual((await site.open("command")).directory.peerAuthority(), authority);
  });
}

/** Without what the store adds. */
function peers({ directory }: Store): readonly unknown[] {
  return directory.peers().map(({ name, trust, relays }) => ({ name, trust, relays }));
}
