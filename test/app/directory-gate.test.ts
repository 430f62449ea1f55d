/** Recipients wait while the directory in force is not the one that was proved. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DirectoryGate } from "../../src/app/directory-gate.ts";

/** A gate whose proofs end when the test says so. */
class Bench {
  revision = 7;
  readonly proofs: PromiseWithResolvers<boolean>[] = [];
  readonly gate = new DirectoryGate({ proofRevision: () => this.revision }, 7, () => {
    const proof = Promise.withResolvers<boolean>();
    this.proofs.push(proof);
    return proof.promise;
  });
}

test("nothing waits while nothing changed, and the revision is looked at each time", () => {
  const bench = new Bench();
  assert.equal(bench.gate.check(), undefined);
  assert.equal(bench.gate.check(), undefined);
  bench.revision = 8;
  assert.notEqual(bench.gate.check(), undefined);
});

test("all who come while it is proved wait for one proof", async () => {
  const bench = new Bench();
  bench.revision = 8;
  const waiting = [bench.gate.check(), bench.gate.check(), bench.gate.check()];
  assert.equal(bench.proofs.length, 1);
  bench.proofs[0]?.resolve(true);
  for (const one of waiting) await one;
  assert.equal(bench.gate.check(), undefined);
  assert.equal(bench.proofs.length, 1);
});

test("a change during the proof is proved too before anybody goes on", async () => {
  const bench = new Bench();
  bench.revision = 8;
  let through = false;
  const waiting = bench.gate.check()?.then(() => (through = true));
  bench.revision = 9;
  bench.proofs[0]?.resolve(true);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(through, false);
  assert.equal(bench.proofs.length, 2);
  bench.proofs[1]?.resolve(true);
  await waiting;
  assert.equal(bench.gate.check(), undefined);
});

test("while the proof fails nobody goes on, and it is not made again for each of them", async () => {
  const bench = new Bench();
  bench.revision = 8;
  const first = bench.gate.check();
  bench.proofs[0]?.resolve(false);
  await assert.rejects(async () => first, /the relay proof fails/);
  for (let i = 0; i < 3; i++)
    await assert.rejects(async () => bench.gate.check(), /the relay proof fails/);
  assert.equal(bench.proofs.length, 1);
});

test("the change is undone: the gate opens again", async () => {
  const bench = new Bench();
  bench.revision = 8;
  const failing = bench.gate.check();
  bench.proofs[0]?.resolve(false);
  await assert.rejects(async () => failing);
  bench.revision = 9;
  const waiting = bench.gate.check();
  bench.proofs[1]?.resolve(true);
  await waiting;
  assert.equal(bench.gate.check(), undefined);
});

test("a proof that could not be made is no verdict: the next recipient tries again", async () => {
  const bench = new Bench();
  bench.revision = 8;
  const failing = bench.gate.check();
  bench.proofs[0]?.reject(new Error("the directory does not answer"));
  await assert.rejects(async () => failing, /does not answer/);
  const waiting = bench.gate.check();
  bench.proofs[1]?.resolve(true);
  await waiting;
  assert.equal(bench.gate.check(), undefined);
});
