/** How sendmail ends, whatever became of the message. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { status, type Outcome } from "../../../src/mail/index.ts";
import { EXITS, exitOf, type Submitted } from "../../../src/operate/sendmail/index.ts";

function outcome(code: number, enhanced: string): Outcome {
  return { status: status(code, enhanced, "words", "remote") };
}

const TAKEN = outcome(250, "2.0.0");
const LATER = outcome(451, "4.3.0");
const NOBODY = outcome(550, "5.1.1");
const DENIED = outcome(550, "5.7.1");
const REFUSED = outcome(554, "5.6.0");

const ANSWERED: readonly (readonly [readonly Outcome[], number])[] = [
  [[TAKEN, TAKEN], EXITS.ok],
  [[LATER, LATER], EXITS.temporary],
  [[NOBODY], EXITS.noUser],
  [[DENIED], EXITS.noPermission],
  [[REFUSED], EXITS.unavailable],
  [[TAKEN, NOBODY], EXITS.noUser],
  [[LATER, DENIED], EXITS.noPermission],
  [[TAKEN, LATER], EXITS.unavailable], // who came again would send it twice
];
for (const [outcomes, exit] of ANSWERED)
  test(`${outcomes.map((one) => one.status.enhanced).join(", ")} ends with ${exit}`, () => {
    assert.equal(exitOf({ kind: "answered", outcomes }), exit);
  });

type Why = Extract<Submitted, { kind: "not submitted" }>["why"];
const NOT_SUBMITTED: readonly (readonly [Why, Outcome, number])[] = [
  ["not reached", LATER, EXITS.temporary],
  ["not reached", REFUSED, EXITS.unavailable],
  ["not trusted", LATER, EXITS.noPermission],
  ["login refused", LATER, EXITS.noPermission],
];
for (const [why, { status: said }, exit] of NOT_SUBMITTED)
  test(`${why}, ${said.enhanced}, ends with ${exit}`, () => {
    assert.equal(exitOf({ kind: "not submitted", why, status: said }), exit);
  });
