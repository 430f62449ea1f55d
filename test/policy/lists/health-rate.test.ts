/** Hits held against what is usual: madness that no canary sees is found, and what is usual, or shared by another list, is none. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { placeOf, usualRate, HEALTH_LIMITS } from "../../../src/policy/lists/index.ts";
import { CLEAR, client, LISTED, Patient } from "./health-world.ts";
import { domain } from "./lists.ts";

/** Every so many it lists one. */
function usual(patient: Patient, subjects: number, every: number): Patient {
  for (let i = 1; i <= subjects; i++) patient.asked(i % every === 0 ? LISTED : CLEAR).after(1);
  return patient;
}

/** How many are asked about until it has no vote; at most so many. */
function until(patient: Patient, every: number, most: number): number {
  for (let i = 1; i <= most; i++) {
    patient.after(1).asked(i % every === 0 ? LISTED : CLEAR);
    if (patient.state !== "well") return i;
  }
  return Infinity;
}

test("what is usual is known after two hundred, and those that are recent", () => {
  const patient = usual(Patient.well(), 349, 50);
  assert.equal(usualRate(patient.health.hits, HEALTH_LIMITS), undefined);
  patient.asked(CLEAR);
  assert.equal(usualRate(patient.health.hits, HEALTH_LIMITS), 0.02);
});

test("a list that lists every fifth from one moment on has no vote after a few of them", () => {
  const patient = usual(Patient.well(), 500, 50);
  const asked = until(patient, 5, 100);
  assert.ok(asked <= 30, `${asked}`);
  assert.equal(patient.state, "trial");
  assert.equal(patient.health.ailment, "lists unusually many");
  assert.match(patient.health.why ?? "", /it lists \d+ of the last \d+ .* usual are \d\.\d %/);
});

test("the rate that a list always had takes its vote from nobody", () => {
  for (const every of [2, 3, 10, 50, 1000])
    assert.equal(usual(Patient.well(), 5000, every).state, "well", `every ${every}`);
});

test("before anything is known to be usual, nothing is unusual", () => {
  assert.equal(until(Patient.well(), 2, 349), Infinity);
});

test("who comes again is counted once a day", () => {
  const patient = usual(Patient.well(), 500, 50);
  for (let i = 0; i < 200; i++) patient.askedAbout(client(100_000), LISTED);
  assert.equal(patient.state, "well");
  const { recent } = patient.health.hits;
  assert.equal(recent.filter(({ place }) => place === recent.at(-1)?.place).length, 1);
});

test("neighbours are one", () => {
  const patient = usual(Patient.well(), 500, 50);
  const { length } = patient.health.hits.recent;
  for (let i = 0; i < 100; i++) patient.askedAbout(client(100_000), LISTED);
  assert.equal(patient.health.hits.recent.length, length);
});

test("hits that another list shares raise no doubt: where many are bad, all lists say so", () => {
  const patient = usual(Patient.well(), 500, 50);
  for (let i = 0; i < 100; i++) {
    const ip = client(100_000 + i);
    patient.askedAbout(ip, LISTED);
    const place = placeOf({ kind: "address", ip });
    patient.happened({ kind: "other list", place, isListed: true });
  }
  assert.equal(patient.state, "well");
});

test("hosts that a header names say nothing: anybody can write them", () => {
  const patient = usual(Patient.well(), 500, 50);
  for (let i = 0; i < 100; i++) patient.asked(LISTED, 20, "hop");
  assert.equal(patient.state, "well");
});

/** A list of names, of which what is usual is known: each name of another client. */
function ofNames(): Patient {
  const patient = Patient.well();
  for (let i = 1; i <= 500; i++)
    patient.after(1).askedAboutName(`n${i}.example`, client(i), i % 50 === 0 ? LISTED : CLEAR);
  return patient;
}

test("one client that names ten listed domains takes no list's vote; of its names one counts each day", () => {
  const patient = ofNames();
  const before = patient.health.hits.recent;
  for (let i = 0; i < 10; i++)
    patient.after(1).askedAboutName(`listed${i}.example`, client(9000), LISTED);
  assert.equal(patient.state, "well");
  const added = () => patient.health.hits.recent.filter(({ at }) => at > (before.at(-1)?.at ?? 0));
  assert.deepEqual(
    added().map(({ place }) => place),
    ["listed0.example"],
  );
  // Nor those that others have named before.
  patient.askedAboutName("n499.example", client(9000), LISTED);
  assert.equal(added().length, 1);
  patient.after(24 * 60).askedAboutName("listed10.example", client(9000), LISTED);
  assert.equal(added().length, 2);
});

test("names of as many clients, of which a list of names has many, take its vote", () => {
  const patient = ofNames();
  for (let i = 0; i < 10; i++)
    patient.after(1).askedAboutName(`listed${i}.example`, client(9000 + i), LISTED);
  assert.equal(patient.health.ailment, "lists unusually many");
});

test("names that nobody knows who has named count as those of one client", () => {
  const patient = ofNames();
  for (let i = 0; i < 10; i++) {
    const subject = { kind: "name", domain: domain(`listed${i}.example`) } as const;
    const [at, as, answer, ms] = [patient.after(1).now, "author", LISTED, 20] as const;
    patient.happened({ kind: "answer", at, as, subject, answer, ms });
  }
  assert.equal(patient.state, "well");
});

test("what it lists while it is in doubt does not become usual, and it votes again when that is over", () => {
  const patient = usual(Patient.well(), 500, 50);
  until(patient, 5, 100);
  usual(patient, 300, 5);
  for (let i = 0; i < 5; i++) patient.after(30).probe();
  assert.equal(patient.state, "trial", "an hour of clean probes says nothing against it");
  assert.ok((usualRate(patient.health.hits, HEALTH_LIMITS) ?? 1) < 0.03);
  usual(patient, 250, 50);
  patient.probe().after(60).probe();
  assert.equal(patient.state, "well");
});
