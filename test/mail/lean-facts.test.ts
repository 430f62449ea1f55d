/** Facts of a session's events as the journal writes them: read again they are what they were, and what is the same stands once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  beyondFacts,
  leanEvents,
  messageId,
  sessionId,
  wholeEvents,
  type CheckedFacts,
  type FactEvent,
} from "../../src/mail/index.ts";

const ACTIONS = ["accept", "continue", "defer", "refuse", "mark"] as const;

const facts = fc.dictionary(
  fc.constantFrom("level", "list", "__proto__", "limit"),
  fc.oneof(fc.boolean(), fc.nat(2), fc.constantFrom("a", "b"), fc.array(fc.nat(2))),
  { maxKeys: 2, noNullPrototype: true },
);

const checks: fc.Arbitrary<readonly CheckedFacts[]> = fc.uniqueArray(
  fc.record(
    {
      check: fc.constantFrom("relay", "rates"),
      action: fc.constantFrom(...ACTIONS),
      facts,
      setting: fc.record({ key: fc.constantFrom("limits.hops", "lists.0"), value: fc.nat(3) }),
    },
    { requiredKeys: ["check", "action"] },
  ),
  { maxLength: 3, selector: ({ check }) => check },
);

const decision = fc.record(
  {
    check: fc.constant("x"),
    action: fc.constantFrom(...ACTIONS),
    evidence: facts,
    checks,
  },
  { requiredKeys: ["check", "action", "evidence"] },
);

const MESSAGE = messageId(sessionId(new Uint8Array(12)), 1);

const event: fc.Arbitrary<FactEvent> = fc.oneof(
  fc.record({ at: fc.nat(), kind: fc.constant("sender"), address: fc.constant("a@b.example") }),
  fc.record({ at: fc.nat(), kind: fc.constant("sender"), address: fc.constant(""), decision }),
  fc.record({ at: fc.nat(), kind: fc.constant("recipient"), address: fc.constant("c"), decision }),
  fc.record({
    at: fc.nat(),
    kind: fc.constant("message"),
    message: fc.constant(MESSAGE),
    octets: fc.nat(),
    decision,
  }),
);

/** What is evidence and a fact too stands once. */
function kept(whole: FactEvent): FactEvent {
  if (!("decision" in whole) || whole.decision?.checks === undefined) return whole;
  const evidence = beyondFacts(whole.decision.evidence, whole.decision.checks);
  return { ...whole, decision: { ...whole.decision, evidence } };
}

test("evidence that is no fact, or another one, is kept", () => {
  const said = [
    { check: "a", action: "continue", facts: { level: "none", of: ["x"] } },
    { check: "b", action: "continue" },
  ] as const;
  const evidence = { level: "none", of: ["x"], limit: 3 };
  assert.deepEqual(beyondFacts(evidence, said), { limit: 3 });
  assert.deepEqual(beyondFacts({ level: "aligned", of: ["y"] }, said), {
    level: "aligned",
    of: ["y"],
  });
  assert.deepEqual(beyondFacts(evidence, []), evidence);
});

test("whatever was gathered is read again as it was", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 8 }), (events) => {
      const written = JSON.parse(JSON.stringify(leanEvents(events))) as readonly object[];
      assert.deepEqual(wholeEvents(written), JSON.parse(JSON.stringify(events.map(kept))));
    }),
    { numRuns: 300 },
  );
});

function recipient(client: string): FactEvent {
  const said: CheckedFacts = { check: "relay", action: "continue", facts: { client } };
  const decided = { check: "relay", action: "continue", evidence: {}, checks: [said] } as const;
  return { at: 0, kind: "recipient", address: "c@d.example", decision: decided };
}

test("what many recipients share is written once", () => {
  const client = "x".repeat(1000);
  const many = JSON.stringify(leanEvents(Array<FactEvent>(100).fill(recipient(client)))).length;
  const one = JSON.stringify(leanEvents([recipient(client)])).length;
  assert.ok(many < one + 99 * 200, `${many} octets`);
});
