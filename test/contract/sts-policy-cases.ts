/** MTA-STS policies of other domains: octet by octet as they were fetched, one a domain, forgotten when they are over. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { StoredStsPolicy } from "../../src/store/index.ts";
import type { Engine } from "./engine.ts";
import { domainOf, openSite } from "./site.ts";

const ONE = domainOf("one.example");
const OTHER = domainOf("other.example");

function policy(id: string, fetchedAt: number, until: number): StoredStsPolicy {
  return { id, policy: new Uint8Array([0, 255, 13, 10, ...Buffer.from(id)]), fetchedAt, until };
}

export function stsPolicyCases(engine: Engine): void {
  test("a policy is found as it was kept, and the next one takes its place", async (t) => {
    const { store } = await openSite(t, engine, "server");
    const { stsPolicies } = store;
    assert.equal(stsPolicies.find(ONE), undefined);
    for (const id of ["a", "b"]) {
      const kept = policy(id, 1000, 9000);
      await stsPolicies.keep(ONE, kept);
      assert.deepEqual(stsPolicies.find(ONE), kept);
    }
    assert.equal(stsPolicies.find(OTHER), undefined);
  });

  test("what is over is forgotten when another one is kept", async (t) => {
    const { store } = await openSite(t, engine, "server");
    const { stsPolicies } = store;
    await stsPolicies.keep(ONE, policy("a", 1000, 2000));
    await stsPolicies.keep(OTHER, policy("b", 1999, 9000));
    assert.equal(stsPolicies.find(ONE)?.id, "a");
    await stsPolicies.keep(OTHER, policy("c", 2000, 9000));
    assert.equal(stsPolicies.find(ONE), undefined);
    assert.equal(stsPolicies.find(OTHER)?.id, "c");
  });
}
