/** How lists are, as it is shown: to people what there is to say, to programs all of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { listsSchema } from "../../../src/policy/lists/settings.ts";
import { healthNotes, hitsText, shownHealth, usualText } from "../../../src/operate/lists/index.ts";
import { placeOf, type ListHealth } from "../../../src/policy/lists/index.ts";
import { CLEAR, client, LISTED, Patient } from "../../policy/lists/health-world.ts";

const [ZEN, OWN] = listsSchema.parse([
  { preset: "spamhaus-zen", key: "secretkey", name: "Zen", mode: "vote" },
  { file: "own.txt", name: "Own" },
]);
assert.ok(ZEN !== undefined && OWN !== undefined);
const zen = ZEN;

function shown(health: ListHealth): ReturnType<typeof shownHealth> {
  return shownHealth(zen, { health, at: health.since });
}

test("a list that is well has its figures, and nothing more to say; its key is nowhere", () => {
  const patient = Patient.well();
  for (let i = 1; i <= 500; i++) patient.asked(i % 50 === 0 ? LISTED : CLEAR);
  const one = shown(patient.health);
  assert.equal(one.state, "well");
  assert.equal(hitsText(one), "3 of 150");
  assert.equal(usualText(one), "2.0 %");
  assert.equal(one.latencyMs, 20);
  assert.deepEqual(healthNotes([one]), []);
  assert.ok(!JSON.stringify(one).includes("secretkey"));
});

test("before enough was seen, nothing is usual", () => {
  assert.equal(usualText(shown(Patient.well().asked(CLEAR).health)), "not yet");
});

test("one that is sick says since when and why, and what is to be done about when it was heard", () => {
  const notes = healthNotes([shown(Patient.well().asked(LISTED).witness(LISTED).health)]);
  assert.match(
    notes[0] ?? "",
    /^Zen counts for nothing since 2026-01-01 00:00: it lists what nobody can/,
  );
  assert.match(notes[1] ?? "", /gatepost lists amnesty "Zen"/);
});

test("unknown codes, and what other lists say otherwise, are told", () => {
  const patient = Patient.well();
  patient.asked({ kind: "error", why: "unknown code", code: "127.0.0.99" });
  for (let i = 10; i < 14; i++) {
    const ip = client(1000 + i);
    patient.askedAbout(ip, i < 12 ? LISTED : CLEAR);
    const place = placeOf({ kind: "address", ip });
    patient.happened({ kind: "other list", place, isListed: i % 2 === 0 });
  }
  const one = shown(patient.health);
  assert.deepEqual(one.others, { compared: 4, shared: 1, onlyHere: 1, onlyElsewhere: 1 });
  const notes = healthNotes([one]);
  assert.match(notes[0] ?? "", /^Zen answered 127\.0\.0\.99 once, last at 2026-01-01 00:00/);
  assert.match(notes[1] ?? "", /of 4: 1 listed by both, 1 only here, 1 only elsewhere/);
});

test("one whose first probe failed says what it found", () => {
  const dead = { kind: "error", why: "timeout" } as const;
  const { health } = new Patient().probe({ listed: dead });
  assert.match(healthNotes([shown(health)])[0] ?? "", /nothing yet: not all was answered/);
});

test("files, and lists that nobody has watched yet, have no figures", () => {
  assert.equal(shownHealth(OWN, undefined).state, "file");
  const one = shownHealth(zen, undefined);
  assert.equal(one.state, "unproven");
  assert.equal(hitsText(one), null);
  assert.deepEqual(healthNotes([one]), []);
});
