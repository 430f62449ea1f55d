/** Whatever happens to a host in whatever order: who gets on the list, who leaves it and when, and that nobody is forgotten on it or tested without a cause. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseIp, type Ip } from "../../../src/mail/index.ts";
import { afterAsking } from "../../../src/operate/suspects/asked.ts";
import { afterFinding } from "../../../src/operate/suspects/judged.ts";
import { dismissed, workFor } from "../../../src/operate/suspects/work.ts";
import { keptSuspect, type Suspect } from "../../../src/operate/suspects/index.ts";
import { suspectFacts } from "../../../src/operate/suspects/suspect.ts";
import type { Finding } from "../../../src/operate/suspects/finding.ts";
import { afterReport } from "../../../src/operate/suspects/reported.ts";
import { backOff, stayMs, type Schedule } from "../../../src/operate/suspects/schedule.ts";

const HOST = parseIp("192.0.2.7") as Ip; // it is one
const HOUR = 3_600_000;
const SCHEDULE: Schedule = { firstMs: 24 * HOUR, longestMs: 14 * 24 * HOUR, returnMs: 24 * HOUR };

type Event =
  | { readonly kind: "report" }
  | { readonly kind: "ask" }
  | { readonly kind: "removed by a person" }
  | { readonly kind: "time"; readonly hours: number }
  | { readonly kind: "finding"; readonly finding: Finding["kind"] };

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.constant<Event>({ kind: "report" }),
  fc.constant<Event>({ kind: "ask" }),
  fc.constant<Event>({ kind: "removed by a person" }),
  fc.record({ kind: fc.constant("time" as const), hours: fc.integer({ min: 1, max: 400 }) }),
  fc.record({
    kind: fc.constant("finding" as const),
    finding: fc.constantFrom("relayed", "accepted", "clean", "blocked", "unknown"),
  }),
);

interface World {
  readonly now: number;
  readonly suspect: Suspect | undefined;
  readonly listed: boolean;
  /** How often it was listed. */
  readonly times: number;
  /** Since when nothing but clean was found. */
  readonly cleanSince: number | undefined;
}

function found(kind: Finding["kind"], now: number): Finding {
  const why = "because";
  if (kind === "relayed") return { kind, why, outputs: [] };
  return kind === "accepted" ? { kind, why, until: now + 5 * 24 * HOUR } : { kind, why };
}

/** As the server does it, when its time comes. */
function tested(world: World, kind: Finding["kind"]): World {
  const { suspect, listed, times } = world;
  if (suspect?.due === undefined) return world;
  const now = Math.max(world.now, suspect.due);
  const work = workFor(suspect, listed, now);
  if (work === "dismiss") return { ...world, now, suspect: dismissed(suspect) };
  const entry = listed ? { times } : undefined;
  const judged = afterFinding(suspect, found(kind, now), { id: "t", at: now }, entry, SCHEDULE);
  const cleanSince = kind === "clean" ? (world.cleanSince ?? now) : undefined;
  const after = { ...world, now, suspect: judged.suspect, cleanSince };
  switch (judged.act) {
    case "list":
      assert.equal(kind, "relayed");
      return { ...after, listed: true, times: listed ? times : times + 1 };
    case "remove":
      assert.equal(kind, "clean");
      assert.ok(listed);
      assert.ok(now - (cleanSince ?? now) >= stayMs(SCHEDULE, times), "who returns leaves later");
      return { ...after, listed: false };
    case "nothing":
      assert.notEqual(kind, "relayed", "who relays is listed");
      if (kind === "clean" && listed) assert.ok(times > 1, "the first time is over with the first clean test"); // prettier-ignore
      return after;
  }
}

function next(world: World, happening: Event): World {
  const { suspect, now } = world;
  switch (happening.kind) {
    case "report":
      return { ...world, suspect: afterReport(HOST, suspect, SCHEDULE, now) };
    case "ask": {
      const asked = { by: "x", at: now, owner: false };
      return suspect === undefined ? world : { ...world, suspect: afterAsking(suspect, asked) };
    }
    case "removed by a person":
      return { ...world, listed: false };
    case "time":
      return { ...world, now: now + happening.hours * HOUR };
    case "finding":
      return tested(world, happening.finding);
  }
}

const START: World = { now: 1_800_000_000_000, suspect: undefined, listed: false, times: 0, cleanSince: undefined }; // prettier-ignore

test("nobody is listed but who relays, stays without being tested again, or is tested without a cause", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60, size: "max" }), (events) => {
      let world = START;
      for (const one of events) {
        const before = world;
        world = next(world, one);
        const { suspect, listed, now } = world;
        if (listed) assert.ok(suspect?.due !== undefined, "who is listed is tested again");
        const fresh = suspect?.due !== undefined && before.suspect?.due === undefined;
        if (fresh) assert.notEqual(one.kind, "time");
        const idle = suspect?.standing === "clean" && !listed && before.suspect !== suspect;
        if (idle && one.kind === "finding") assert.equal(suspect.due, undefined, "who is clean is left alone"); // prettier-ignore
        if (suspect?.due !== undefined) assert.ok(suspect.due <= now + SCHEDULE.longestMs, "nobody waits longer than the longest wait"); // prettier-ignore
        if (suspect !== undefined) assert.deepEqual(keptSuspect({ ip: HOST, version: 1, ...suspectFacts(suspect, now) }), suspect); // prettier-ignore
      }
    }),
    { numRuns: 2000 },
  );
});

test("a test that shows the same comes later each time, and never later than the longest wait", () => {
  let suspect = afterReport(HOST, undefined, SCHEDULE, START.now);
  let now = START.now;
  const waits: number[] = [];
  for (let i = 0; i < 6; i++) {
    const judged = afterFinding(suspect, found("relayed", now), { id: "t", at: now }, i === 0 ? undefined : { times: 1 }, SCHEDULE); // prettier-ignore
    ({ suspect } = judged);
    assert.ok(suspect.due !== undefined);
    waits.push((suspect.due - now) / HOUR);
    now = suspect.due;
  }
  assert.deepEqual(waits, [24, 48, 96, 192, 336, 336]);
  assert.equal(backOff(SCHEDULE, 1000), SCHEDULE.longestMs);
});

test("who was listed before stays longer each time, and is tested once more before he leaves", () => {
  assert.deepEqual([1, 2, 3, 4, 9].map((times) => stayMs(SCHEDULE, times) / HOUR), [0, 24, 48, 96, 336]); // prettier-ignore
  const { now } = START;
  const relays = afterReport(HOST, undefined, SCHEDULE, now);
  const first = afterFinding(relays, found("clean", now), { id: "a", at: now }, { times: 2 }, SCHEDULE); // prettier-ignore
  assert.deepEqual([first.act, first.suspect.due, first.suspect.cleanSince], ["nothing", now + 24 * HOUR, now]); // prettier-ignore
  const early = afterFinding(first.suspect, found("clean", now), { id: "b", at: now + HOUR }, { times: 2 }, SCHEDULE); // prettier-ignore
  assert.deepEqual([early.act, early.suspect.due], ["nothing", now + 24 * HOUR]);
  const blocked = afterFinding(early.suspect, found("blocked", now), { id: "c", at: now + 2 * HOUR }, { times: 2 }, SCHEDULE); // prettier-ignore
  assert.deepEqual([blocked.act, blocked.suspect.cleanSince], ["nothing", undefined]);
  const last = afterFinding(early.suspect, found("clean", now), { id: "d", at: now + 24 * HOUR }, { times: 2 }, SCHEDULE); // prettier-ignore
  assert.deepEqual([last.act, last.suspect.standing, last.suspect.due], ["remove", "clean", undefined]); // prettier-ignore
});

test("a thousand reports of a host that is clean are no thousand tests", () => {
  const { now } = START;
  const clean = afterFinding(afterReport(HOST, undefined, SCHEDULE, now), found("clean", now), { id: "a", at: now }, undefined, SCHEDULE).suspect; // prettier-ignore
  assert.equal(clean.due, undefined);
  let again = clean;
  for (let i = 1; i <= 1000; i++) again = afterReport(HOST, again, SCHEDULE, now + i);
  assert.equal(again.due, now + 24 * HOUR);
  assert.equal(afterReport(HOST, clean, SCHEDULE, now + 30 * HOUR).due, now + 30 * HOUR);
});

test("who blocks the tester is tried as long as he is listed, and else a few times", () => {
  const dues = (listed: boolean): readonly boolean[] => {
    let suspect = afterReport(HOST, undefined, SCHEDULE, START.now);
    return Array.from({ length: 8 }, (_, i) => {
      const last = { id: `t${i}`, at: START.now };
      const judged = afterFinding(suspect, found("blocked", last.at), last, listed ? { times: 1 } : undefined, SCHEDULE); // prettier-ignore
      ({ suspect } = judged);
      assert.deepEqual([judged.act, suspect.standing], ["nothing", "blocks"]);
      return suspect.due !== undefined;
    });
  };
  assert.deepEqual(new Set(dues(true)), new Set([true]));
  assert.deepEqual(dues(false), [true, true, true, true, false, false, false, false]);
});
