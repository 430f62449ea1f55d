/** A zone's entries as they are kept and changed, and the thread that makes snapshots of them: against a search through a plain list of entries. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setTimeout as turn } from "node:timers/promises";
import { parseIp } from "../../../src/mail/index.ts";
import {
  parseSubjects,
  SnapshotMaker,
  ZoneEntries,
  type EntryChange,
} from "../../../src/operate/listing/index.ts";
import {
  letGoOf,
  ListReader,
  sharedDataset,
  type Dataset,
} from "../../../src/policy/lists/index.ts";
import { Dice } from "../../fuzz/dice.ts";

const ANSWER = { code: "127.0.0.2", text: undefined };

/** Few and close together, so that they are within each other and come again. */
function someAddress(dice: Dice): string {
  const [a, b] = [dice.below(4), dice.below(256)];
  return canonical(dice.chance(70) ? `192.0.${a}.${b}` : `2001:db8:${a}::${b.toString(16)}`);
}

function someBlock(dice: Dice): string {
  if (dice.chance(50)) return someAddress(dice);
  const [v6, bits] = [dice.chance(30), dice.pick([22, 24, 24, 24, 28])];
  const base = v6 ? `2001:db8:${dice.below(4)}::` : `192.0.${dice.below(4)}.${dice.below(16) * 16}`;
  const subjects = parseSubjects(`${base}/${v6 ? bits + 24 : bits}`, "addresses");
  if (typeof subjects === "string") return someBlock(dice); // bits behind the prefix
  return subjects[0]?.text ?? base;
}

function canonical(text: string): string {
  const ip = parseIp(text);
  assert.ok(ip !== undefined, text);
  return ip;
}

function someName(dice: Dice): string {
  const labels = Array.from({ length: 1 + dice.below(3) }, () => dice.pick(["a", "b", "c"]));
  return `${labels.join(".")}.org`;
}

function changeOf(subject: string, dice: Dice): EntryChange {
  if (dice.chance(30)) return { subject };
  const code = dice.pick([undefined, undefined, "127.0.0.3"]);
  return { subject, reason: `because ${dice.below(4)}`, ...(code !== undefined && { code }) };
}

function says(dataset: Dataset, ask: (reader: ListReader) => unknown): unknown {
  const snapshot = { datasets: [dataset], entries: 0, made: undefined, expires: undefined };
  return ask(new ListReader(snapshot));
}

/** What an entry that counts says. */
function answerOf(entry: EntryChange | undefined): unknown {
  if (entry?.reason === undefined) return undefined;
  return { codes: [entry.code ?? ANSWER.code], texts: [entry.reason] };
}

function numberOf(ip: string): bigint {
  const groups = ip.includes(":") ? groupsOf(ip) : ip.split(".").map((octet) => Number(octet).toString(16).padStart(2, "0")); // prettier-ignore
  return BigInt(`0x${groups.join("")}`);
}

function groupsOf(ip: string): string[] {
  const [front = "", back = ""] = ip.split("::");
  const [before, after] = [front, back].map((part) => part.split(":").filter((group) => group !== "")) as [string[], string[]]; // prettier-ignore
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  return [...before, ...zeros, ...after].map((group) => group.padStart(4, "0"));
}

/** The longest block with the address in it. */
function entryOf(ip: string, entries: ReadonlyMap<string, EntryChange>): EntryChange | undefined {
  const all = ip.includes(":") ? 128 : 32;
  for (let bits = all; bits >= 0; bits--)
    for (const [subject, entry] of entries) {
      const [base = "", prefix = String(all)] = subject.split("/");
      if (Number(prefix) !== bits || base.includes(":") !== ip.includes(":")) continue;
      const free = BigInt(all - bits);
      if (numberOf(base) >> free === numberOf(ip) >> free) return entry;
    }
  return undefined;
}

/** The name itself, or the nearest wildcard above it. */
function entryOfName(
  name: string,
  entries: ReadonlyMap<string, EntryChange>,
): EntryChange | undefined {
  const labels = name.split(".");
  const above = labels.slice(1).map((_, i) => `*.${labels.slice(i + 1).join(".")}`);
  return [name, ...above].map((subject) => entries.get(subject)).find((entry) => entry?.reason !== undefined); // prettier-ignore
}

/** After each of many changes it says what the entries say. */
function holds(
  seed: number,
  subject: (dice: Dice) => string,
  asked: (dice: Dice) => string,
  expected: (asked: string, entries: ReadonlyMap<string, EntryChange>) => EntryChange | undefined,
  ask: (reader: ListReader, asked: string) => unknown,
): void {
  const dice = new Dice(seed);
  const kept = new ZoneEntries(ANSWER);
  const entries = new Map<string, EntryChange>();
  for (let round = 0; round < 40; round++) {
    for (let i = dice.below(12); i >= 0; i--) {
      const change = changeOf(subject(dice), dice);
      kept.change(change);
      if (change.reason === undefined) entries.delete(change.subject);
      else entries.set(change.subject, change);
    }
    const dataset = kept.dataset();
    for (let i = 0; i < 20; i++) {
      const one = asked(dice);
      const answer = says(dataset, (reader) => ask(reader, one));
      assert.deepEqual(answer, answerOf(expected(one, entries)), `seed ${seed}, round ${round}: ${one} of ${[...entries.keys()].join(" ")}`); // prettier-ignore
    }
  }
}

for (const seed of [1, 2, 3, 4, 5])
  test(`whatever changes, each address has what the smallest block says (${seed})`, () => {
    holds(seed, someBlock, someAddress, entryOf, (reader, ip) => {
      const parsed = parseIp(ip);
      assert.ok(parsed !== undefined);
      return reader.address(parsed);
    });
  });

for (const seed of [1, 2, 3, 4, 5])
  test(`whatever changes, each name has its own before what wildcards say (${seed})`, () => {
    const subject = (dice: Dice): string => `${dice.chance(30) ? "*." : ""}${someName(dice)}`;
    holds(seed, subject, someName, entryOfName, (reader, name) => reader.name(name));
  });

const ONE_HASH = ["costarring", "liquid"] as const; // FNV-1a

for (const names of [ONE_HASH, ONE_HASH.toReversed()])
  for (const together of [true, false])
    test(`${names.join(", then ")}, of one hash, are both found, told ${together ? "together" : "one by one"}`, () => {
      const kept = new ZoneEntries(ANSWER);
      for (const subject of names) {
        kept.change({ subject, reason: subject });
        if (!together) kept.dataset();
      }
      const dataset = kept.dataset();
      assert.equal(new Set(dataset.exact.hashes).size, 1);
      for (const name of names)
        assert.deepEqual(says(dataset, (reader) => reader.name(name)), { codes: ["127.0.0.2"], texts: [name] }); // prettier-ignore
    });

test("what nobody says any more makes it worn", () => {
  const kept = new ZoneEntries(ANSWER);
  for (let i = 0; i < 9000; i++) kept.change({ subject: "192.0.2.7", reason: `because ${i}` });
  kept.dataset();
  assert.equal(kept.isWorn, false);
  for (let i = 0; i < 9000; i++) kept.change({ subject: "192.0.2.7", reason: `now ${i}` });
  kept.dataset();
  assert.equal(kept.isWorn, true);
});

test("shared memory that was let go of is collected", async () => {
  const none = new ZoneEntries(ANSWER).dataset();
  const plain = { ...none, v4: { ...none.v4, firsts: new Uint32Array(1_000_000) } };
  for (let i = 0; i < 300; i++) {
    letGoOf([sharedDataset(plain)]);
    await turn();
  }
  const { arrayBuffers } = process.memoryUsage();
  assert.ok(arrayBuffers < 600_000_000, `${arrayBuffers} octets of 1,200,000,000 are still there`);
});

// ---- The thread ----

function maker(t: TestContext): SnapshotMaker {
  const made = new SnapshotMaker();
  t.after(() => made.stop());
  return made;
}

test("a thread makes snapshots, in memory that is shared, of what it was told before", async (t) => {
  const made = maker(t);
  made.begin("names", ANSWER);
  made.change("names", [{ subject: "a.b.org", reason: "bad" }]);
  const first = made.make("names");
  made.change("names", [{ subject: "a.b.org" }]);
  const [{ dataset, nonTerminals }, later] = await Promise.all([first, made.make("names")]);
  assert.deepEqual(says(dataset, (reader) => reader.name("a.b.org")), { codes: ["127.0.0.2"], texts: ["bad"] }); // prettier-ignore
  assert.equal(nonTerminals.length, 2);
  assert.ok(dataset.exact.octets.buffer instanceof SharedArrayBuffer);
  assert.ok(nonTerminals.buffer instanceof SharedArrayBuffer);
  assert.equal(later.dataset.exact.answers.length, 0);
});

test("what is above the names of other data is found out there too", async (t) => {
  const kept = new ZoneEntries(ANSWER);
  kept.change({ subject: "*.a.b.org", reason: "bad" });
  assert.equal((await maker(t).nonTerminals(sharedDataset(kept.dataset()))).length, 3);
});

test("where the thread breaks, whoever waits is told, and it knows nothing any more", async (t) => {
  const made = maker(t);
  made.begin("relays", { code: "no code", text: undefined });
  made.change("relays", [{ subject: "192.0.2.7", reason: "bad" }]);
  await assert.rejects(made.make("relays"), /the thread that makes snapshots of zones: no code/);
  assert.equal(made.knows("relays"), false);
  made.begin("relays", ANSWER);
  assert.equal((await made.make("relays")).dataset.v4.answers.length, 0);
  assert.equal(made.knows("relays"), true);
});
