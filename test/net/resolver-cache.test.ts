/** What is remembered of answers: for how long, how much, and what is forgotten first. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { ResolverCache } from "../../src/net/resolver-cache.ts";
import {
  ROOT,
  type FailureReason,
  type RecordType,
  type Resolution,
} from "../../src/protocol/dns/index.ts";
import { ManualClock } from "../../src/runtime/index.ts";

const MEBIBYTE = 1_048_576;

function text(octets: number, ttl = 300): Resolution<RecordType> {
  return { kind: "found", name: ROOT, records: [new Uint8Array(octets)], ttl, authentic: false };
}

function absent(ttl: number): Resolution<RecordType> {
  return { kind: "no-data", ttl, authentic: false };
}

/** Whole seconds for which it is kept. */
function secondsKept(resolution: Resolution<RecordType>): number {
  const clock = new ManualClock();
  const cache = new ResolverCache(clock, MEBIBYTE);
  cache.set("k", resolution);
  for (let seconds = 0; seconds < 100_000; seconds++) {
    if (cache.get("k") === undefined) return seconds;
    clock.advance(1000);
  }
  return Number.POSITIVE_INFINITY;
}

test("time to live is kept within bounds", () => {
  assert.equal(secondsKept(text(1, 0)), 5);
  assert.equal(secondsKept(text(1, 6)), 6);
  assert.equal(secondsKept(text(1, 86_400)), 86_400);
  assert.equal(secondsKept(text(1, 86_401)), 86_400);
  assert.equal(secondsKept(absent(0)), 5);
  assert.equal(secondsKept(absent(3600)), 3600);
  assert.equal(secondsKept(absent(3601)), 3600);
  assert.equal(secondsKept({ kind: "failed", why: "servfail" }), 5);
});

test("what is kept says for how long, from the first", () => {
  const cache = new ResolverCache(new ManualClock(), MEBIBYTE);
  assert.deepEqual(cache.set("k", text(1, 0)), text(1, 5));
  assert.deepEqual(cache.set("k", absent(9999)), absent(3600));
});

test("what is remembered says how long it still lives", () => {
  const clock = new ManualClock();
  const cache = new ResolverCache(clock, MEBIBYTE);
  cache.set("k", text(1, 100));
  clock.advance(30_001);
  assert.deepEqual(cache.get("k"), text(1, 69));
  const failed = { kind: "failed", why: "timeout" as FailureReason } as const;
  cache.set("k", failed);
  assert.deepEqual(cache.get("k"), failed);
});

test("what was used longest ago is forgotten first", () => {
  const cache = new ResolverCache(new ManualClock(), 3 * 10_000);
  for (const key of ["a", "b", "c"]) cache.set(key, text(8000));
  assert.ok(cache.get("a"));
  cache.set("d", text(8000));
  assert.equal(cache.get("b"), undefined);
  for (const key of ["a", "c", "d"]) assert.ok(cache.get(key), key);
});

test("what is larger than everything is not kept, and pushes nothing out", () => {
  const cache = new ResolverCache(new ManualClock(), 10_000);
  cache.set("a", text(100));
  cache.set("b", text(20_000));
  assert.equal(cache.get("b"), undefined);
  assert.ok(cache.get("a"));
  const data = { usage: 3, selector: 1, matchingType: 0, data: new Uint8Array(20_000) };
  cache.set("c", { kind: "found", name: ROOT, records: [data], ttl: 300, authentic: false });
  assert.equal(cache.get("c"), undefined);
});

test("an entry takes room even when it says nothing, and each record of it does", () => {
  const octets = (resolution: Resolution<RecordType>): number => {
    const cache = new ResolverCache(new ManualClock(), MEBIBYTE);
    cache.set("k", resolution);
    return cache.octets;
  };
  const many = { ...text(0), records: Array.from({ length: 10 }, () => new Uint8Array()) };
  assert.ok(octets(absent(60)) > 500);
  assert.ok(octets(text(0)) > octets(absent(60)));
  assert.ok(octets(many) > 3000 + octets(absent(60)));
  assert.equal(octets(text(77)), octets(text(0)) + 77);
});

test("size is within its bound, and nothing when nothing is left", () => {
  const entry = fc.tuple(
    fc.integer({ min: 0, max: 9 }),
    fc.integer({ min: 0, max: 12_000 }),
    fc.integer({ min: 0, max: 20 }),
  );
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 60 }), (entries) => {
      const clock = new ManualClock();
      const cache = new ResolverCache(clock, 30_000);
      for (const [key, octets, seconds] of entries) {
        cache.set(`${key}`, text(octets, seconds));
        cache.get(`${octets % 10}`);
        clock.advance(1000);
        assert.ok(cache.octets <= 30_000);
      }
      clock.advance(100_000);
      for (let key = 0; key < 10; key++) assert.equal(cache.get(`${key}`), undefined);
      assert.equal(cache.octets, 0);
    }),
  );
});
