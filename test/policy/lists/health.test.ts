/** The health of a list: what makes it ill, that it has no vote from then on, and how it comes back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDomain } from "../../../src/mail/index.ts";
import {
  afterRestart,
  HEALTH_LIMITS,
  probeDelayMs,
  probeSubjects,
  PROBE_OCTETS,
  subjectText,
  type Ailment,
  type ListAnswer,
  type ListHealth,
  type ProbeFindings,
} from "../../../src/policy/lists/index.ts";
import {
  CLEAR,
  client,
  HOUR_MS,
  ipOf,
  IN_ORDER,
  LISTED,
  MINUTE_MS,
  Patient,
  TIMEOUT,
} from "./health-world.ts";

const UNKNOWN: ListAnswer = { kind: "error", why: "unknown code", code: "127.0.0.99" };
const PARKED: ListAnswer = { kind: "error", why: "outside 127/8", code: "192.0.2.80" };
const TURNED_AWAY: ListAnswer = { kind: "error", why: "error code", code: "127.255.255.254" };

function found(findings: Partial<ProbeFindings>): ListHealth {
  return Patient.well().after(30).probe(findings).health;
}

test("a list has no vote before it is probed, and has one when all is in order", () => {
  const patient = new Patient();
  assert.equal(patient.state, "unproven");
  patient.asked(LISTED).witness(CLEAR);
  assert.equal(patient.state, "unproven");
  patient.after(1).probe();
  assert.equal(patient.state, "well");
  assert.equal(patient.health.since, patient.now);
});

const FOUND: readonly (readonly [string, Partial<ProbeFindings>, Ailment, string, RegExp])[] = [
  ["a canary", { canaries: [CLEAR, LISTED, CLEAR] }, "lists everybody", "sick", /nobody can have/],
  [
    "a canary, by a code of nobody's",
    { canaries: [CLEAR, CLEAR, UNKNOWN] },
    "lists everybody",
    "sick",
    /127\.0\.0\.99/,
  ],
  ["the entry that no list has", { unlisted: LISTED }, "lists everybody", "sick", /no list has/],
  ["no test entry", { listed: CLEAR }, "emptied", "sick", /emptied/],
  [
    "a parking address",
    { canaries: [PARKED, PARKED, PARKED] },
    "no list any more",
    "sick",
    /192\.0\.2\.80/,
  ],
  ["an error code", { listed: TURNED_AWAY }, "turns us away", "sick", /127\.255\.255\.254/],
  [
    "other servers",
    { servers: ["ns1.parking.example"] },
    "moved",
    "trial",
    /ns1\.parking\.example/,
  ],
];

for (const [title, findings, ailment, state, why] of FOUND)
  test(`a probe finds ${title}: ${ailment}`, () => {
    const health = found(findings);
    assert.equal(health.state, state);
    assert.equal(health.ailment, ailment);
    assert.match(health.why ?? "", why);
    assert.equal(health.since, health.lastProbe?.at);
  });

test("it asks for the list's own test entry, and for nothing twice", () => {
  const domain = parseDomain("dbltest.com");
  assert.ok(domain !== undefined);
  const chance = Uint8Array.from({ length: PROBE_OCTETS }, (_, i) => i);
  const entry = { kind: "name", domain } as const;
  const names = probeSubjects({ kind: "names", test: entry }, chance);
  assert.deepEqual([names.listed, names.unlisted].map(subjectText), ["dbltest.com", "invalid"]);
  const addresses = probeSubjects({ kind: "addresses" }, chance);
  const all = [addresses.listed, addresses.unlisted, ...addresses.canaries].map(subjectText);
  assert.deepEqual(all.slice(0, 2), ["127.0.0.2", "127.0.0.1"]);
  assert.equal(new Set(all).size, 5);
});

test("what a probe finds in order makes nobody ill", () => {
  for (const findings of [
    { listed: UNKNOWN }, // the operator has left out what the test entry answers
    { servers: ["b.ns.example", "c.ns.example"] },
    { servers: [] },
  ])
    assert.equal(found(findings).state, "well", JSON.stringify(findings));
});

test("a probe of which a part is lost neither proves a list nor makes it ill", () => {
  const patient = new Patient().probe({ canaries: [CLEAR, TIMEOUT, CLEAR] });
  assert.equal(patient.state, "unproven");
  patient.probe().probe({ listed: TIMEOUT });
  assert.equal(patient.state, "well");
  const ours: ListAnswer = { kind: "error", why: "overloaded" };
  assert.equal(new Patient().probe({ canaries: [ours, ours, ours] }).state, "unproven");
});

test("a listed witness makes a list sick at once, whatever the code", () => {
  for (const answer of [LISTED, UNKNOWN]) {
    const patient = Patient.well().after(7).asked(LISTED).witness(answer);
    assert.equal(patient.state, "sick");
    assert.equal(patient.health.since, patient.now);
    assert.match(patient.health.why ?? "", /asked right after a hit/);
  }
});

test("one answer of an error code or of a parking address is enough", () => {
  assert.equal(Patient.well().asked(TURNED_AWAY).health.ailment, "turns us away");
  assert.equal(Patient.well().asked(PARKED).health.ailment, "no list any more");
});

test("codes that are not known are counted, each for itself, and no more of them than the limit", () => {
  const patient = Patient.well().asked(UNKNOWN).asked(UNKNOWN);
  assert.equal(patient.state, "well");
  assert.deepEqual(patient.health.unknownCodes, [
    { code: "127.0.0.99", count: 2, lastAt: patient.now },
  ]);
  for (let i = 0; i < 50; i++)
    patient.asked({ kind: "error", why: "unknown code", code: `127.0.1.${i}` });
  assert.equal(patient.health.unknownCodes.length, HEALTH_LIMITS.unknownCodes);
});

test("questions unanswered in a row make it silent, and an answer between them does not", () => {
  const patient = Patient.well();
  for (let i = 0; i < 4; i++) patient.asked(TIMEOUT);
  patient.asked(CLEAR);
  for (let i = 0; i < 4; i++) patient.asked(TIMEOUT);
  assert.equal(patient.state, "well");
  patient.asked(TIMEOUT);
  assert.equal(patient.state, "sick");
  assert.equal(patient.health.ailment, "silent");
});

test("what comes too late is as good as nothing", () => {
  const patient = Patient.well();
  for (let i = 0; i < 5; i++) patient.asked(CLEAR, HEALTH_LIMITS.slowMs);
  assert.equal(patient.health.ailment, "silent");
});

test("a probe that takes too long is a list that does", () => {
  const slow = Patient.well().probe({ ms: HEALTH_LIMITS.slowMs });
  assert.equal(slow.health.ailment, "silent");
  assert.match(slow.health.why ?? "", /answers after 2500 ms/);
});

test("what our own resolver could not ask is not the list's fault", () => {
  const patient = Patient.well();
  for (let i = 0; i < 20; i++) patient.asked({ kind: "error", why: "overloaded" });
  assert.equal(patient.state, "well");
});

test("a silent list is tried again after minutes, and is well after some more", () => {
  const patient = Patient.well();
  for (let i = 0; i < 5; i++) patient.asked(TIMEOUT);
  assert.equal(probeDelayMs(patient.health, HEALTH_LIMITS), 5 * MINUTE_MS);
  patient.after(5).probe();
  assert.equal(patient.state, "trial");
  patient.after(5).probe();
  assert.equal(patient.state, "trial");
  patient.after(5).probe();
  assert.equal(patient.state, "well");
  assert.equal(patient.health.why, undefined);
});

test("one that stays ill is probed less and less, and never less than a well one", () => {
  const dead = { listed: TIMEOUT, unlisted: TIMEOUT, canaries: [TIMEOUT, TIMEOUT, TIMEOUT] };
  const patient = Patient.well();
  const delays: number[] = [];
  for (let i = 0; i < 5; i++) {
    patient.after(30).probe(dead);
    delays.push(probeDelayMs(patient.health, HEALTH_LIMITS) / MINUTE_MS);
  }
  assert.deepEqual(delays, [5, 10, 20, 30, 30]);
});

test("whatever made it ill has to be over for as long as that asks, without a break", () => {
  const patient = Patient.well().asked(LISTED).witness(LISTED);
  patient.after(5).probe();
  assert.equal(patient.state, "trial");
  patient.after(300).probe({ canaries: [LISTED, CLEAR, CLEAR] });
  assert.equal(patient.state, "sick");
  patient.after(5).probe().after(355).probe();
  assert.equal(patient.state, "trial");
  patient.after(5).probe();
  assert.equal(patient.state, "well");
});

test("a hit in its trial that has a witness against it ends the trial", () => {
  const patient = Patient.well().asked(LISTED).witness(LISTED).after(5).probe();
  patient.after(10).asked(LISTED).witness(LISTED);
  assert.equal(patient.state, "sick");
});

test("the worst that it has is what it has to get over", () => {
  const patient = Patient.well().asked(LISTED).witness(LISTED);
  for (let i = 0; i < 5; i++) patient.witness(TIMEOUT);
  assert.equal(patient.health.ailment, "lists everybody");
  const other = Patient.well();
  for (let i = 0; i < 5; i++) other.asked(TIMEOUT);
  other.after(1).witness(LISTED);
  assert.equal(other.health.ailment, "lists everybody");
});

test("a zone with other servers is on trial for a day, and they are the usual ones then", () => {
  const servers = ["new.ns.example"];
  const patient = Patient.well().after(30).probe({ servers });
  for (let hour = 0; hour < 25 && patient.state === "trial"; hour++)
    patient.after(60).probe({ servers });
  assert.equal(patient.state, "well");
  assert.equal(patient.now - (patient.health.lastCleanProbeAt ?? 0), 0);
  assert.equal(patient.after(30).probe({ servers }).state, "well");
  assert.equal(patient.after(30).probe(IN_ORDER).health.ailment, "moved");
});

test("several callers with a certificate that it lists make it sick, and others do not", () => {
  const patient = Patient.well();
  const [a, b, c] = [1, 2, 3].map(client).map(String).map(ipOf);
  assert.ok(a !== undefined && b !== undefined && c !== undefined);
  patient.knownCaller(a, "certificate").knownCaller(a, "certificate").knownCaller(b, "certificate");
  assert.equal(patient.state, "well");
  patient.after(25 * 60).knownCaller(c, "certificate");
  assert.equal(patient.state, "well", "those of yesterday");
  patient.knownCaller(a, "certificate").knownCaller(b, "certificate");
  assert.equal(patient.health.ailment, "lists known callers");
  const aligned = Patient.well();
  for (let i = 0; i < 20; i++) aligned.knownCaller(client(i), "aligned");
  assert.equal(aligned.state, "well");
});

test("addresses of one network are one known caller: nobody takes a list's vote with his own", () => {
  for (const own of [
    ["2001:db8::1", "2001:db8::2", "2001:db8::3"],
    ["192.0.2.1", "192.0.2.2", "192.0.2.3"],
  ]) {
    const patient = Patient.well();
    for (const text of own) patient.after(1).knownCaller(ipOf(text), "certificate");
    assert.equal(patient.state, "well", own.join());
    patient.knownCaller(client(1), "certificate");
    assert.equal(patient.state, "well", `two networks: ${own.join()}`);
    patient.knownCaller(client(2), "certificate");
    assert.match(patient.health.why ?? "", /3 callers whose names are certified: /);
  }
});

test("when it had a vote and spoke ill is remembered, from when it was last in order; a bounded number", () => {
  const patient = Patient.well();
  const from = patient.now;
  patient.after(20).asked(LISTED).witness(LISTED);
  const { windows } = patient.health;
  assert.deepEqual(
    windows.map((one) => [one.from, one.until]),
    [[from, patient.now]],
  );
  patient.witness(LISTED).after(5).probe().after(1).asked(LISTED).witness(LISTED);
  assert.equal(patient.health.windows.length, 1, "it had no vote");
  for (let i = 0; i < 12; i++)
    patient.after(5).probe().after(360).probe().after(1).asked(LISTED).witness(LISTED);
  assert.equal(patient.health.windows.length, HEALTH_LIMITS.windows);
});

test("nobody can have been refused by what is silent, empty or turns us away", () => {
  assert.deepEqual(found({ listed: CLEAR }).windows, []);
  assert.deepEqual(Patient.well().asked(TURNED_AWAY).health.windows, []);
});

test("after a restart what was watched until now goes on; what was not is probed before it votes", () => {
  const { health, now } = Patient.well();
  assert.equal(afterRestart(health, now + HOUR_MS, HEALTH_LIMITS), health);
  const later = afterRestart(health, now + 2 * HOUR_MS, HEALTH_LIMITS);
  assert.equal(later.state, "unproven");
  assert.equal(later.since, now + 2 * HOUR_MS);
  assert.equal(
    afterRestart(health, now - HOUR_MS, HEALTH_LIMITS).state,
    "unproven",
    "clock set back",
  );
  const trial = Patient.well().asked(LISTED).witness(LISTED).after(5).probe();
  const { cleanSince } = afterRestart(trial.health, trial.now + 9 * HOUR_MS, HEALTH_LIMITS);
  assert.equal(cleanSince, undefined, "nobody saw that it was in order");
  assert.equal(trial.after(9 * 60).state, "trial");
});

test("health is plain data, as long as it may be", () => {
  const patient = Patient.well();
  for (let i = 0; i < 2000; i++) patient.asked(i % 9 === 0 ? LISTED : CLEAR);
  const text = JSON.stringify(patient.health);
  assert.deepEqual(JSON.parse(text), patient.health);
  assert.ok(text.length < 12_000, `${text.length} octets`);
});
