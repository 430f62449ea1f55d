/** What was accepted is judged before what was answered: mail that leaves is the worst. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Case } from "../../../src/operate/relaytest/case.ts";
import { judgeExactly, type Acceptance } from "../../../src/operate/relaytest/judge-exact.ts";
import type { Outcome, Run } from "../../../src/operate/relaytest/runner.ts";

const NOTHING: Case = {
  vector: { id: "R01", origin: "D", why: "", script: [] },
  title: "R01",
  given: {},
  turns: [],
  message: "",
  delivers: [],
  departs: [],
  reports: [],
  tells: [],
};
const TO_ANN: Case = { ...NOTHING, delivers: ["ann@ours.example"] };
const ABROAD: Case = { ...NOTHING, departs: ["v@foreign.example"] };

const RIGHT = held({ kind: "as expected" });

function held(outcome: Outcome): Run {
  return { transcript: [], outcome };
}

function message(mailboxes: readonly string[], address?: string, granted = false): Acceptance {
  return { mailboxes, departures: address === undefined ? [] : [{ address, granted }] };
}

test("right: every answer, and every delivery", () => {
  assert.deepEqual(judgeExactly(NOTHING, RIGHT, []), { kind: "right" });
  assert.deepEqual(judgeExactly(TO_ANN, RIGHT, [message(["ann@ours.example"])]), { kind: "right" });
  const granted = [message([], "v@foreign.example", true)];
  assert.deepEqual(judgeExactly(ABROAD, RIGHT, granted), { kind: "right" });
});

test("relayed: without a grant, or to another than the granted address, whatever was answered", () => {
  const relayed = { kind: "relayed", to: ["v@foreign.example"] };
  const deviation = held({ kind: "deviation", said: "x", expected: [], got: [] });
  for (const run of [RIGHT, deviation, held({ kind: "failure", reason: "x" })])
    assert.deepEqual(judgeExactly(TO_ANN, run, [message([], "v@foreign.example")]), relayed);
  assert.deepEqual(judgeExactly(ABROAD, RIGHT, [message([], "v@foreign.example")]), relayed);
  const granted = [message(["ann@ours.example"], "v@foreign.example", true)];
  assert.deepEqual(judgeExactly(TO_ANN, RIGHT, granted), relayed);
});

test("wrong: a delivery too many, too few, twice, or to somebody else", () => {
  const toAnn = message(["ann@ours.example"]);
  assert.equal(judgeExactly(NOTHING, RIGHT, [toAnn]).kind, "wrong");
  assert.equal(judgeExactly(NOTHING, RIGHT, [message([])]).kind, "wrong");
  assert.equal(judgeExactly(TO_ANN, RIGHT, [toAnn, toAnn]).kind, "wrong");
  assert.equal(judgeExactly(ABROAD, RIGHT, []).kind, "wrong");
  assert.deepEqual(judgeExactly(TO_ANN, RIGHT, [message(["bob@ours.example"])]), {
    kind: "wrong",
    what: "what was delivered",
    expected: "a message for ann@ours.example",
    got: "a message for bob@ours.example",
  });
});

test("wrong: another answer, with what it was the answer to", () => {
  const run = held({ kind: "deviation", said: "A\rB\r\n", expected: ["250"], got: ["521 5.5.2"] });
  assert.deepEqual(judgeExactly(NOTHING, run, []), {
    kind: "wrong",
    what: "the answer to A\\rB",
    expected: "250",
    got: "521 5.5.2",
  });
});

test("inconclusive: no conversation", () => {
  const run = held({ kind: "failure", reason: "no greeting" });
  assert.deepEqual(judgeExactly(NOTHING, run, []), { kind: "inconclusive", reason: "no greeting" });
});
