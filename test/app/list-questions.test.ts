/** What is asked about published lists: written once, told once, kept where it could not be written; no network where none is wanted. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AskedLists } from "../../src/app/list-questions.ts";
import { sumOf, type AnswerCounts, type Tally } from "../../src/operate/listing/answering/index.ts";
import { ManualClock, silentLog, type Fields } from "../../src/runtime/index.ts";
import type { FreshListQuestions } from "../../src/store/index.ts";

const ZONE = "bl.example.org";

const tally = (some: Partial<Tally>): Tally => ({ ...sumOf([]), ...some });

function counts(queries: readonly number[]): AnswerCounts {
  const networks = queries.map((n, i) => ({ network: `192.0.${i}.0/24`, queries: n, listed: 1 }));
  return { zones: new Map([[ZONE, tally({ listed: 4, limited: 1 })]]), networks, others: 2 };
}

function rig() {
  const clock = new ManualClock();
  const written: FreshListQuestions[] = [];
  const told: [string, Fields | undefined][] = [];
  const state = { broken: false, networks: 2 };
  const tell = (event: string, fields?: Fields) => void told.push([event, fields]);
  const asked = new AskedLists({
    store: {
      add: async (fresh) => {
        if (state.broken) throw new Error("disk full");
        written.push(fresh);
      },
    },
    clock,
    log: { ...silentLog, info: tell, error: tell },
    networks: () => state.networks,
  });
  return { asked, clock, written, told, state };
}

test("what was counted is written once, the networks that asked most by themselves, and told once", async () => {
  const { asked, clock, written, told } = rig();
  await asked.keep();
  asked.tell();
  assert.deepEqual([written, told], [[], []]);
  for (const some of [counts([1, 5]), counts([0, 0, 3])]) asked.count(some);
  await asked.keep();
  await asked.keep();
  const zones = [
    { zone: ZONE, outcome: "listed", questions: 8 },
    { zone: ZONE, outcome: "limited", questions: 2 },
  ];
  const networks = [
    { network: "192.0.1.0/24", questions: 5, listed: 2 },
    { network: "192.0.2.0/24", questions: 3, listed: 1 },
  ];
  const clients = { networks, others: 4 + 1, limit: 2 };
  assert.deepEqual(written, [{ at: clock.now(), zones, clients }]);
  asked.tell();
  asked.tell();
  assert.equal(told.length, 1);
  const [event, fields] = told[0] ?? assert.fail();
  assert.equal(event, "questions about published lists");
  assert.deepEqual([fields?.["listed"], fields?.["limited"], fields?.["networks"], fields?.["others"]], [8, 2, 3, 4]); // prettier-ignore
  assert.ok(!("refused" in (fields ?? {})));
});

test("what could not be written is said, and written the next time", async () => {
  const { asked, written, told, state } = rig();
  state.broken = true;
  asked.count(counts([1]));
  await asked.keep();
  assert.deepEqual(told, [["questions about published lists not written", { problem: "disk full" }]]); // prettier-ignore
  state.broken = false;
  asked.count(counts([1]));
  await asked.keep();
  assert.deepEqual(written[0]?.zones[0], { zone: ZONE, outcome: "listed", questions: 8 });
  assert.deepEqual(written[0]?.clients?.networks, [{ network: "192.0.0.0/24", questions: 2, listed: 2 }]); // prettier-ignore
});

test("where networks are not kept none is written or named", async () => {
  const { asked, written, told, state } = rig();
  state.networks = 0;
  asked.count(counts([1, 5]));
  await asked.keep();
  asked.tell();
  assert.equal(written[0]?.clients, undefined);
  assert.deepEqual(told[0]?.[1]?.["most"], []);
});
