/** The keys with which a domain signs: made with it or later, turned over one set at a time, gone with it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Domain } from "../../src/mail/index.ts";
import type { DirectoryChange, DkimKey, Store } from "../../src/store/index.ts";
import type { Engine } from "./engine.ts";
import { change, domainOf, DOMAIN, openSite, tryChange } from "./site.ts";

const OTHER = domainOf("example.net");
const FAR_AHEAD = Date.UTC(2100, 0, 1);

function pair(month: string): readonly DkimKey[] {
  return [
    { selector: `gp${month}e`, algorithm: "ed25519", privateKey: `ed25519 of ${month}` },
    { selector: `gp${month}r`, algorithm: "rsa-2048", privateKey: `rsa of ${month}` },
  ];
}

function added(month: string, domain = DOMAIN): DirectoryChange {
  return { kind: "add-dkim-keys", domain, keys: pair(month) };
}

function turned(retiredUntil = FAR_AHEAD, domain = DOMAIN): DirectoryChange {
  return { kind: "turn-dkim-keys", domain, retiredUntil };
}

/** "selector state" of each, in the order in which they are read. */
function states(store: Store, domain: Domain = DOMAIN): readonly string[] {
  return store.directory.dkimKeys(domain).map(({ selector, state }) => `${selector} ${state}`);
}

export function dkimCases(engine: Engine): void {
  test("a domain's first keys sign at once, made with it or later", async (t) => {
    const { store } = await openSite(t, engine, "command");
    const before = Date.now();
    assert.deepEqual(store.directory.dkimKeys(OTHER), []);
    await change(store, { kind: "add-domain", domain: OTHER, dkimKeys: pair("202611") });
    assert.deepEqual(states(store), []);
    await change(store, added("202611"));
    for (const domain of [DOMAIN, OTHER]) {
      const entries = store.directory.dkimKeys(domain);
      assert.ok(entries.every(({ createdAt }) => createdAt >= before && createdAt <= Date.now()));
      assert.deepEqual(
        entries,
        pair("202611").map((key, i) => ({
          ...key,
          state: "signing",
          createdAt: entries[i]?.createdAt,
        })),
      );
    }
  });

  test("later keys are published until they are turned over; those before are retired", async (t) => {
    const { store } = await openSite(t, engine, "command");
    await change(store, added("202611"));
    await change(store, added("202612"));
    assert.deepEqual(states(store), [
      "gp202611e signing",
      "gp202611r signing",
      "gp202612e published",
      "gp202612r published",
    ]);
    await change(store, turned());
    assert.deepEqual(states(store), [
      "gp202611e retired",
      "gp202611r retired",
      "gp202612e signing",
      "gp202612r signing",
    ]);
    const until = store.directory
      .dkimKeys(DOMAIN)
      .map((key) => (key.state === "retired" ? key.publishedUntil : undefined));
    assert.deepEqual(until, [FAR_AHEAD, FAR_AHEAD, undefined, undefined]);
  });

  test("retired keys are forgotten by the first turn after their time", async (t) => {
    const { store } = await openSite(t, engine, "command");
    await change(store, added("202610"));
    await change(store, added("202611"));
    await change(store, turned(1));
    await change(store, added("202612"));
    assert.equal(states(store).length, 6);
    await change(store, turned());
    await change(store, added("202701"));
    await change(store, turned());
    const months = states(store).map((words) => words.slice(2, 8));
    assert.deepEqual([...new Set(months)], ["202611", "202612", "202701"]);
  });

  test("keys that do not fit are a conflict in words, and change nothing", async (t) => {
    const { store } = await openSite(t, engine, "command");
    await change(store, { kind: "add-domain", domain: OTHER });
    await change(store, added("202611"));
    const conflicts: readonly (readonly [DirectoryChange, RegExp])[] = [
      [added("202611"), /example\.org has a DKIM key gp202611e already/],
      [turned(), /example\.org has no new DKIM keys/],
      [turned(FAR_AHEAD, OTHER), /example\.net has no new DKIM keys/],
      [added("202611", domainOf("example.com")), /no domain example\.com/],
      [turned(FAR_AHEAD, domainOf("example.com")), /no domain example\.com/],
    ];
    for (const [wanted, problem] of conflicts) await conflict(store, wanted, problem);
    await change(store, added("202612"));
    await conflict(store, added("202701"), /do not sign yet; finish that rotation first/);
    assert.equal(states(store).length, 4);
  });

  test("keys go with their domain, and are no matter of the relay proof", async (t) => {
    const { store } = await openSite(t, engine, "command");
    const [revision, proof] = [store.directory.revision(), store.directory.proofRevision()];
    await change(store, added("202611"));
    assert.equal(store.directory.revision(), revision + 1);
    assert.equal(store.directory.proofRevision(), proof);
    await change(store, { kind: "remove-domain", domain: DOMAIN });
    assert.deepEqual(states(store), []);
    await change(store, { kind: "add-domain", domain: DOMAIN });
    assert.deepEqual(states(store), []);
  });
}

async function conflict(store: Store, wanted: DirectoryChange, problem: RegExp): Promise<void> {
  const result = await tryChange(store, wanted);
  assert.ok(result.kind === "conflict", JSON.stringify(wanted));
  assert.match(result.problem, problem);
}
