/** Journal, reports, greylist, relay tests and list changes, counts of questions are pruned now and then, list entries end, by the settings in force, and a failure is not the end of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Housekeeping } from "../../src/app/housekeeping.ts";
import { listingSchema } from "../../src/operate/listing/settings.ts";
import { ManualClock, silentLog, type Fields } from "../../src/runtime/index.ts";
import type {
  Greylist,
  GreylistBounds,
  IdentityCounts,
  Journal,
  ListQuestions,
  Published,
  RelayTests,
  ReportCounts,
  Suspects,
  TlsReports,
  TlsResults,
} from "../../src/store/index.ts";

const INTERVAL_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

const GREYLIST = {
  enabled: false,
  below: "certificate",
  delay_seconds: 1,
  retry_hours: 2,
  passed_days: 3,
  attempts: 4,
  networks: 5,
} as const;

test("every minute what is older or more than the settings say is forgotten", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const clock = new ManualClock();
  const pruned: [number, number][] = [];
  const failures: Fields[] = [];
  let broken = false;
  const journal: Journal = {
    note() {},
    find: () => Promise.resolve([]),
    page: () => Promise.resolve({ records: [] }),
    prune: async (before, maxOctets) => {
      if (broken) throw new Error("disk full");
      pruned.push([before, maxOctets]);
    },
  };
  const reports: [number, number][] = [];
  const results: number[] = [];
  const unused = () => assert.fail("nobody reads here");
  const tlsReports: TlsReports = {
    keep: unused,
    find: unused,
    prune: async (before, maxOctets) => void reports.push([before, maxOctets]),
  };
  const tlsResults: TlsResults = {
    note: unused,
    find: unused,
    prune: async (beforeDay) => void results.push(beforeDay),
  };
  const identities: number[] = [];
  const identityCounts: IdentityCounts = {
    note: unused,
    since: unused,
    prune: async (beforeDay) => void identities.push(beforeDay),
  };
  const counts: number[] = [];
  const reportCounts: ReportCounts = {
    since: unused,
    prune: async (beforeDay) => void counts.push(beforeDay),
  };
  const greylisted: GreylistBounds[] = [];
  const greylist: Greylist = {
    passedAt: unused,
    firstTried: unused,
    noteAttempt: unused,
    notePassed: unused,
    prune: async (bounds) => void greylisted.push(bounds),
  };
  const tests: number[] = [];
  const relayTests: RelayTests = {
    begin: unused,
    take: unused,
    expect: unused,
    tried: unused,
    isKnown: unused,
    testOf: unused,
    came: unused,
    conclude: unused,
    countSince: unused,
    find: unused,
    list: unused,
    cases: unused,
    returns: unused,
    prune: async (before) => void tests.push(before),
  };
  const ended: number[] = [];
  const listLog: number[] = [];
  const published: Published = {
    revision: unused,
    zone: unused,
    find: unused,
    entries: unused,
    figures: unused,
    kinds: unused,
    grown: unused,
    apply: unused,
    expire: async (now) => void ended.push(now),
    nextSerial: unused,
    changes: unused,
    change: unused,
    parts: unused,
    history: unused,
    prune: async (before) => void listLog.push(before),
  };
  const hosts: number[] = [];
  const suspects: Suspects = {
    find: unused,
    due: unused,
    countDue: unused,
    apply: unused,
    list: unused,
    reports: unused,
    countReports: unused,
    prune: async (before) => void hosts.push(before),
  };
  const questions: [number, number][] = [];
  const listQuestions: ListQuestions = {
    add: unused,
    since: unused,
    clients: unused,
    prune: async (hour, clientsHour) => void questions.push([hour, clientsHour]),
  };
  const listing = { ...listingSchema.parse({}), log_days: 50, question_days: 5 };
  const log = {
    ...silentLog,
    error: (_event: string, fields: Fields = {}) => void failures.push(fields),
  };
  const settings = { days: 30, mebibytes: 1 };
  const housekeeping = new Housekeeping(
    {
      journal,
      tlsReports,
      tlsResults,
      identityCounts,
      reportCounts,
      greylist,
      relayTests,
      published,
      suspects,
      listQuestions,
    },
    () => ({
      journal: settings,
      reports: { days: 90, mebibytes: 2, per_day: 10 },
      greylist: GREYLIST,
      tester: { daily_cap: 3, pace_ms: 1000, days: 40 },
      listing,
    }),
    clock,
    log,
  );

  t.mock.timers.tick(INTERVAL_MS - 1);
  assert.deepEqual(pruned, []);
  t.mock.timers.tick(1);
  assert.deepEqual(pruned, [[clock.now() - 30 * DAY_MS, 1_048_576]]);
  await new Promise((resolve) => setImmediate(resolve));
  const before = clock.now() - 90 * DAY_MS;
  assert.deepEqual(reports, [[before, 2_097_152]]);
  for (const forgotten of [results, identities, counts])
    assert.deepEqual(forgotten, [Math.floor(before / DAY_MS)]);
  assert.deepEqual(greylisted, [
    {
      attemptsSince: clock.now() - 2 * HOUR_MS,
      networksSince: clock.now() - 3 * DAY_MS,
      attempts: 4,
      networks: 5,
    },
  ]);

  assert.deepEqual(tests, [clock.now() - 40 * DAY_MS]);
  assert.deepEqual(ended, [clock.now()]);
  for (const old of [listLog, hosts]) assert.deepEqual(old, [clock.now() - 50 * DAY_MS]);

  const hour = Math.floor((clock.now() - 5 * DAY_MS) / HOUR_MS);
  assert.deepEqual(questions, [[hour, hour]]);

  listing.question_networks = 0;
  broken = true;
  t.mock.timers.tick(INTERVAL_MS);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(failures, [{ problem: "disk full" }]);

  assert.deepEqual(questions[1], [hour, Number.MAX_SAFE_INTEGER], "no network is to be kept");

  broken = false;
  settings.days = 1;
  clock.advance(DAY_MS);
  t.mock.timers.tick(INTERVAL_MS);
  assert.deepEqual(pruned[1], [clock.now() - DAY_MS, 1_048_576]);

  const real = clock.now();
  clock.jump(DAY_MS);
  t.mock.timers.tick(INTERVAL_MS);
  assert.deepEqual(
    pruned[2]?.[0],
    real - DAY_MS,
    "a clock that jumped ahead made a day's sessions old",
  );
  clock.jump(-2 * DAY_MS);
  t.mock.timers.tick(INTERVAL_MS);
  assert.deepEqual(pruned[3]?.[0], real - 2 * DAY_MS);

  housekeeping.stop();
  t.mock.timers.tick(10 * INTERVAL_MS);
  assert.equal(pruned.length, 4);
});
