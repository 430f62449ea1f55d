/** The deaths of lists, and what has to come out of each. */
import assert from "node:assert/strict";
import type { ListHealth } from "../../../src/policy/lists/index.ts";
import { chance, isUsual, LIVING, type Outcome, type ReplayCase } from "./replay-cases.ts";
import { HOUR_MS, MINUTE_MS } from "./replay.ts";
import type { ZoneScript } from "./scripted-dns.ts";
import { alive, CLEAR, everything, LISTED, successive } from "./zones.ts";

const PARKING = ["ns1.parking.example", "ns2.parking.example"];
const SILENCE = everything({ ms: Infinity });

function dying({ replay }: Outcome): ListHealth {
  return replay.health("Dying");
}

/** Nobody noticed anything. */
function expectNoDeferral({ innocent }: Outcome): void {
  const deferred = innocent.filter(({ actions }) => actions.includes("defer"));
  assert.equal(deferred.length, 0, "put off");
}

function expectTold({ replay: { told } }: Outcome, ...events: readonly string[]): void {
  for (const event of events) assert.ok(told.includes(event), `${event}, of: ${told.join(" | ")}`);
}

function expectIll(outcome: Outcome, ailment: ListHealth["ailment"]): void {
  assert.notEqual(dying(outcome).state, "well");
  assert.equal(dying(outcome).ailment, ailment);
}

/** Ill within so many minutes from the moment. */
function expectIllWithin(outcome: Outcome, minutes: number): void {
  const [window] = dying(outcome).windows;
  assert.ok(window !== undefined, "it had a vote and spoke ill");
  assert.ok(window.until <= outcome.moment + minutes * MINUTE_MS, "found late");
}

/** Questions to it from then on. */
function askedSince({ replay }: Outcome, since: number): number {
  return (replay.dns.asked.get("dying.example") ?? []).filter((at) => at >= since).length;
}

export const DEATHS: readonly ReplayCase[] = [
  {
    name: "ORDB 2008: silent for years, then it lists the world",
    dying: (moment) => successive([0, SILENCE], [moment, everything(LISTED)]),
    expect: (outcome) => {
      expectTold(outcome, "list sick: Dying: silent", "list sick: Dying: lists everybody");
      expectIll(outcome, "lists everybody");
      expectNoDeferral(outcome);
    },
  },
  {
    name: "Osirusoft 2003: every other question times out, then it lists the world",
    dying: (moment) => {
      let asked = 0;
      const weak = (prefix: string, at: number) =>
        asked++ % 2 === 0 ? LIVING(prefix, at) : { ms: Infinity };
      return successive([0, LIVING], [moment, weak], [moment + 20 * MINUTE_MS, everything(LISTED)]);
    },
    expect: (outcome) => {
      expectIll(outcome, "lists everybody");
      expectIllWithin(outcome, 25);
      expectNoDeferral(outcome);
    },
  },
  {
    name: "from one question to the next it lists the world",
    dying: (moment) => successive([0, LIVING], [moment, everything(LISTED)]),
    expect: (outcome) => {
      expectIllWithin(outcome, 0.2);
      expectTold(outcome, "list sick: Dying: lists everybody");
      assert.match(dying(outcome).windows[0]?.why ?? "", /asked right after a hit/);
      expectNoDeferral(outcome);
    },
  },
  {
    name: "a wildcard that is there before anybody writes",
    dying: (moment) => {
      const wild: ZoneScript = (prefix) => (prefix === "1.0.0.127" ? CLEAR : LISTED);
      return successive([0, LIVING], [moment - 3 * HOUR_MS, wild]);
    },
    before: 0,
    expect: (outcome) => {
      const [window] = dying(outcome).windows;
      assert.ok(window !== undefined && window.until < outcome.moment - 2 * HOUR_MS);
      expectIll(outcome, "lists everybody");
    },
  },
  {
    name: "SpamCop 2021: expired, with a parking address for everything",
    dying: (moment) =>
      successive([0, LIVING], [moment, everything({ codes: ["192.0.2.80"] }, PARKING)]),
    expect: (outcome) => {
      expectIll(outcome, "no list any more");
      expectIllWithin(outcome, 0.2);
      expectNoDeferral(outcome);
      assert.ok(askedSince(outcome, outcome.moment) < 200, "asked in vain");
    },
  },
  {
    name: "SpamCop 2021, had the parking address been inside 127/8",
    dying: (moment) => successive([0, LIVING], [moment, everything(LISTED, PARKING)]),
    expect: (outcome) => {
      expectIll(outcome, "lists everybody");
      expectIllWithin(outcome, 0.2);
      expectNoDeferral(outcome);
    },
  },
  {
    name: "sold to somebody who keeps up appearances: other servers, and all else in order",
    dying: (moment) => successive([0, LIVING], [moment, alive(() => false, PARKING)]),
    expect: (outcome) => {
      expectIll(outcome, "moved");
      expectIllWithin(outcome, 31);
      expectNoDeferral(outcome);
    },
  },
  {
    name: "Spamhaus through a public resolver: codes that say that it does not answer us",
    dying: (moment) =>
      successive([0, LIVING], [moment, everything({ codes: ["127.255.255.254"] })]),
    expect: (outcome) => {
      expectIll(outcome, "turns us away");
      expectNoDeferral(outcome);
      assert.ok(askedSince(outcome, outcome.moment) < 200, "asked in vain");
    },
  },
  {
    name: "SORBS 2024: emptied",
    dying: (moment) => successive([0, LIVING], [moment, everything(CLEAR)]),
    expect: (outcome) => {
      expectIll(outcome, "emptied");
      expectTold(outcome, "list sick: Dying: emptied");
      expectNoDeferral(outcome);
    },
  },
  {
    name: "a list that answers after ten seconds",
    dying: (moment) =>
      successive([0, LIVING], [moment, (prefix, at) => ({ ...LIVING(prefix, at), ms: 10_000 })]),
    expect: (outcome) => {
      expectIll(outcome, "silent");
      expectNoDeferral(outcome);
      const waited = outcome.innocent.filter(({ took }) => took.some((ms) => ms > 1000));
      assert.ok(waited.length <= 5, `${waited.length} had to wait`);
      assert.ok(askedSince(outcome, outcome.moment) < 300, "asked in vain");
    },
  },
  {
    name: "a list that is silent for an hour, and comes back",
    dying: (moment) => successive([0, LIVING], [moment, SILENCE], [moment + HOUR_MS, LIVING]),
    expect: (outcome) => {
      expectTold(outcome, "list sick: Dying: silent");
      assert.equal(dying(outcome).state, "well");
    },
  },
  {
    name: "a list that lists a fifth of the world, canaries and test entries in order",
    dying: (moment) =>
      alive((ip, at) => isUsual(ip) || (at >= moment && chance(ip, "fifth") < 0.2)),
    expect: (outcome) => {
      expectIll(outcome, "lists unusually many");
      const [window] = dying(outcome).windows;
      assert.ok(window !== undefined && window.until < outcome.moment + 15 * MINUTE_MS);
      const deferred = outcome.innocent.filter(({ actions }) => actions.includes("defer"));
      assert.ok(deferred.length < 25, `${deferred.length} put off`);
      assert.ok(deferred.every(({ actions }) => actions.at(-1) === "continue"));
    },
  },
  {
    name: "a list that lists a fifth of the world, at a site to which hardly anybody writes",
    dying: (moment) =>
      alive((ip, at) => isUsual(ip) || (at >= moment && chance(ip, "quiet7") < 0.2)),
    gapMs: MINUTE_MS,
    expect: (outcome) => expectIll(outcome, "lists unusually many"),
  },
  {
    name: "a list that lists the lower half of the world, before anything is known to be usual",
    dying: (moment) => {
      const half = alive((ip, at) => at >= moment && Number(ip.split(".")[0]) < 128);
      return (prefix, at) => (at >= moment && prefix === "1.0.0.127" ? LISTED : half(prefix, at));
    },
    before: 0,
    expect: (outcome) => {
      expectIll(outcome, "lists everybody");
      expectIllWithin(outcome, 11);
      assert.match(dying(outcome).windows[0]?.why ?? "", /no list has/);
    },
  },
  {
    name: "a list that lists callers with certificates, before anything is known to be usual",
    dying: (moment) => alive((ip, at) => at >= moment && chance(ip, "fifth") < 0.2),
    before: 0,
    level: () => "certificate",
    expect: (outcome) => {
      expectIll(outcome, "lists known callers");
      expectIllWithin(outcome, 15);
    },
  },
  {
    name: "a list that lists the world every other hour",
    dying: (moment) => {
      const wild = everything(LISTED);
      const hour = (at: number) => Math.floor((at - moment) / HOUR_MS);
      return (prefix, at) => (at >= moment && hour(at) % 2 === 0 ? wild : LIVING)(prefix, at);
    },
    gapMs: 60_000,
    expect: (outcome) => {
      assert.equal(dying(outcome).windows.length, 1, "it had its vote back, and spoke ill again");
      expectNoDeferral(outcome);
    },
  },
  {
    name: "the DNS is wholly down for two hours; a list of this machine is not",
    dying: () => LIVING,
    outageMs: 2 * HOUR_MS,
    expect: (outcome) => {
      for (const list of ["Dying", "Steady", "Sober"]) {
        expectTold(outcome, `list sick: ${list}: silent`);
        assert.equal(outcome.replay.health(list).state, "well", "it comes back by itself");
      }
      expectNoDeferral(outcome);
    },
  },
];
