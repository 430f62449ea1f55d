/** The report shows the worst first, and is bounded. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  proofReport,
  type Failure,
  type ProofResult,
} from "../../../src/operate/relaytest/index.ts";

const JUDGEMENTS = {
  inconclusive: { kind: "inconclusive", reason: "broken" },
  wrong: { kind: "wrong", what: "the answer to RCPT", expected: "550 5.7.1", got: "250 2.1.5" },
  relayed: { kind: "relayed", to: ["v@foreign.example"] },
} as const;

const NOTHING = {
  given: {},
  turns: [],
  message: "",
  delivers: [],
  departs: [],
  reports: [],
  tells: [],
};

function failure(id: string, kind: keyof typeof JUDGEMENTS): Failure {
  const vector = { id, origin: "D", why: `why ${id}`, script: [] };
  return {
    listener: "smtp",
    tried: { ...NOTHING, vector, title: id },
    judgement: JUDGEMENTS[kind],
    transcript: [{ by: "client", octets: `${id}\r\n` }],
  };
}

function result(failures: readonly Failure[]): ProofResult {
  return {
    sessions: 9,
    vectors: 5,
    tried: new Map(),
    waiting: new Map(),
    trusted: new Map(),
    cells: 3,
    failures,
    openCells: [],
  };
}

test("relayed before wrong before inconclusive; the first whole, the others by name", () => {
  const failures = [
    failure("R1", "inconclusive"),
    failure("R2", "wrong"),
    failure("R3", "relayed"),
    failure("R2", "wrong"),
    failure("R2", "inconclusive"),
  ];
  assert.equal(
    proofReport(result(failures)),
    [
      "relay proof FAILED: 3 of 5 relay vectors, 0 of 3 decisions",
      "R3 on smtp: RELAYED to v@foreign.example",
      "  why R3",
      "  C: R3",
      "also:",
      "R2 on smtp: the answer to RCPT: expected 550 5.7.1, got 250 2.1.5 (3 sessions)",
      "R1 on smtp: could not be tried: broken",
    ].join("\n"),
  );
});

test("of very many, some are only counted", () => {
  const failures = Array.from({ length: 500 }, (_, i) => failure(`R${i}`, "wrong"));
  const lines = proofReport(result(failures)).split("\n");
  assert.ok(lines.length < 50);
  assert.equal(lines.at(-1), "and 459 vectors more");
});

test("what waits is told with its feature", () => {
  const waiting = new Map([["auth", 7]] as const);
  const report = proofReport({ ...result([]), waiting });
  assert.equal(
    report,
    "relay proof holds: 5 relay vectors in 9 sessions, 3 decisions\n" +
      "not yet tried, for want of: auth (7)",
  );
});

test("what was not tried because a client is trusted is named", () => {
  const trusted = new Map([["127.0.0.1", ["R17a", "R17e"]]]);
  assert.match(
    proofReport({ ...result([]), trusted }),
    /^not tried, because 127\.0\.0\.1 is trusted: R17a, R17e$/m,
  );
});
