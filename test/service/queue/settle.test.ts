/** Settling: for any row, outcome and moment, the properties that the queue promises; and the cases that a person reads. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  messageId,
  sessionId,
  status,
  type DsnNotify,
  type Outcome,
} from "../../../src/mail/index.ts";
import {
  SCHEDULE,
  settle,
  type Attempted,
  type Settled,
} from "../../../src/service/queue/index.ts";
import type { LeavingRow, QueueId, QueueRow } from "../../../src/store/index.ts";
import { domainOf } from "../../support/memory-directory.ts";

const HOUR = 3_600_000;
const ACCEPTED = Date.UTC(2026, 0, 1);
const EXPIRY = ACCEPTED + SCHEDULE.lifetimeMs;
const MESSAGE = messageId(sessionId(new Uint8Array(12)), 1);

function row(parts: Partial<LeavingRow> = {}): QueueRow {
  return {
    id: 1 as QueueId, // no store has given it
    message: MESSAGE,
    octets: 100,
    reversePath: "ann@example.org",
    forwardPath: "bob@example.net",
    grant: { basis: "login", holder: "ann@example.org", domain: domainOf("example.net") },
    destination: "example.net",
    login: "ann@example.org",
    tell: "own user",
    parameters: { smtputf8: false },
    acceptedAt: ACCEPTED,
    attempts: 0,
    delayReported: false,
    inDoubt: false,
    state: { kind: "under way", owner: "test", until: EXPIRY, wish: "send" },
    ...parts,
  };
}

const DELIVERED: Outcome = { status: status(250, "2.0.0", "Ok", "remote") };
const DEFERRED: Outcome = { status: status(451, "4.3.0", "later", "remote") };
const REFUSED: Outcome = { status: status(550, "5.1.1", "who?", "remote") };

const outcomes = fc.constantFrom(DELIVERED, DEFERRED, REFUSED, {
  ...DEFERRED,
  inDoubt: true as const,
});
const notifies = fc.option(
  fc.constantFrom<readonly DsnNotify[]>(
    ["NEVER"],
    ["SUCCESS"],
    ["FAILURE"],
    ["DELAY"],
    ["FAILURE", "DELAY"],
  ),
  { nil: undefined },
);
const rows = fc
  .record({
    attempts: fc.nat(60),
    delayReported: fc.boolean(),
    inDoubt: fc.boolean(),
    reversePath: fc.constantFrom("", "ann@example.org"),
    tell: fc.constantFrom("own user", "proved sender", "nobody"),
    notify: notifies,
  })
  .map(({ notify, ...parts }) =>
    row({ ...parts, parameters: { smtputf8: false, ...(notify !== undefined && { notify }) } }),
  );
const attempts = fc
  .array(fc.record({ row: rows, outcome: outcomes }), { maxLength: 5 })
  .map((list) => list.map((one, i) => ({ ...one, row: { ...one.row, id: (i + 1) as QueueId } })));
/** Also a clock that was set back, and one far beyond the expiry. */
const moments = fc.record({
  now: fc.integer({ min: ACCEPTED - 24 * HOUR, max: EXPIRY + 24 * HOUR }),
  chance: fc.double({ min: 0, max: 0.999_999, noNaN: true }),
});

/** Holds whatever is attempted, whenever. */
function always(
  check: (attempted: readonly Attempted[], settled: Settled, now: number) => void,
): void {
  fc.assert(
    fc.property(attempts, moments, (attempted, moment) => {
      check(attempted, settle(attempted, SCHEDULE, moment), moment.now);
    }),
  );
}

test("every row ends once, in the order of the attempts", () =>
  always((attempted, settled) =>
    assert.deepEqual(
      settled.rows.map(({ id }) => id),
      attempted.map((one) => one.row.id),
    ),
  ));

test("delivered is done, a 5xx is never tried again, a 4xx fails at the expiry and not before", () =>
  always((attempted, { rows: settled }, now) => {
    const expected = attempted.map(
      ({
        outcome: {
          status: { code },
        },
      }) => {
        if (code < 300) return "done";
        return code < 500 && now < EXPIRY ? "due again" : "failed";
      },
    );
    assert.deepEqual(
      settled.map(({ kind }) => kind),
      expected,
    );
  }));

test("the next attempt is later than now, and at the expiry at the latest", () =>
  always((_, { rows: settled }, now) => {
    for (const one of settled)
      if (one.kind === "due again") assert.ok(one.dueAt > now && one.dueAt <= EXPIRY);
  }));

test("a failure is told or untold, and nothing else is", () =>
  always((_, settled) => {
    const failures = settled.rows.filter(({ kind }) => kind === "failed").map(({ id }) => id);
    const named = [...settled.failed, ...settled.untold].map((one) => one.row.id);
    assert.deepEqual(new Set(named), new Set(failures));
    assert.equal(named.length, failures.length);
  }));

test("nobody is told who may not be, or does not want to be", () =>
  always((_, { failed, delayed }) => {
    for (const {
      row: { tell, reversePath, parameters },
    } of failed) {
      assert.ok(tell !== "nobody" && reversePath !== "");
      assert.ok(parameters.notify?.includes("FAILURE") ?? true);
    }
    for (const {
      row: { tell, reversePath, parameters },
    } of delayed) {
      assert.ok(tell === "own user" && reversePath !== "");
      assert.ok(parameters.notify?.includes("DELAY") ?? true);
    }
  }));

test("what may have arrived stays in doubt while it is in the queue", () =>
  always((attempted, settled) => {
    settled.rows.forEach((one, i) => {
      const { row: before, outcome } = attempted[i] ?? assert.fail();
      if (one.kind === "due again")
        assert.equal(one.inDoubt, before.inDoubt || outcome.inDoubt === true);
    });
  }));

test("a life of deferrals: it is reported late once, after four hours, and expires after five days", () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.double({ min: 0, max: 0.99, noNaN: true })), (chances) => {
      let current = row();
      let now = ACCEPTED;
      const late: number[] = [];
      for (const chance of chances) {
        const {
          rows: [end],
          failed,
          delayed,
        } = settle([{ row: current, outcome: DEFERRED }], SCHEDULE, { now, chance });
        if (delayed.length > 0) late.push(now);
        if (end?.kind !== "due again") {
          assert.equal(failed[0]?.outcome.status.enhanced, "5.4.7");
          assert.equal(failed[0]?.last, DEFERRED);
          break;
        }
        current = { ...current, attempts: current.attempts + 1, delayReported: end.delayReported };
        now = end.dueAt;
      }
      assert.equal(now, EXPIRY, "there was no last attempt");
      assert.equal(late.length, 1);
      assert.ok((late[0] ?? 0) >= ACCEPTED + SCHEDULE.delayReportMs);
    }),
    { numRuns: 20 },
  );
});

test("the first waits are 5, 15, 30 and 60 minutes; chance makes them longer by a tenth at most", () => {
  for (const [attempt, minutes] of [5, 15, 30, 60].entries())
    for (const chance of [0, 0.999]) {
      const {
        rows: [end],
      } = settle([{ row: row({ attempts: attempt }), outcome: DEFERRED }], SCHEDULE, {
        now: ACCEPTED,
        chance,
      });
      assert.ok(end?.kind === "due again");
      const wait = (end.dueAt - ACCEPTED) / 60_000;
      assert.ok(wait >= minutes && wait <= minutes * 1.1, `${wait} minutes`);
      if (chance === 0) assert.equal(wait, minutes);
    }
});

test("a refusal keeps the remote's words, and a time that is over keeps its last reason", () => {
  const reply = { host: "mx.example.net", lines: ["451-4.3.0 later", "451 4.3.0 please"] };
  const deferred = { ...DEFERRED, reply };
  const {
    failed: [expired],
  } = settle([{ row: row(), outcome: deferred }], SCHEDULE, { now: EXPIRY, chance: 0 });
  assert.deepEqual(expired?.outcome.reply, reply);
  assert.equal(expired.last, deferred);
  const refused = { ...REFUSED, reply };
  const {
    failed: [one],
  } = settle([{ row: row(), outcome: refused }], SCHEDULE, { now: ACCEPTED, chance: 0 });
  assert.equal(one?.outcome, refused);
});
