/**
 * The same files served by Debian's rbldnsd and by Gatepost, in every format, asked the same 100,000 questions: the same answers. What differs
 * on purpose is in docs/publishing.md, and shown at the end.
 */
import assert from "node:assert/strict";
import ipaddr from "ipaddr.js";
import { after, before, describe, test } from "node:test";
import { DEFAULT_RULES, nonTerminalsOf, type PublishedZone } from "../../src/operate/listing/answering/index.ts"; // prettier-ignore
import { ListServer } from "../../src/operate/listing/serving/index.ts";
import {
  LIST_FORMATS,
  ListParser,
  questionName,
  type Dataset,
  type ListFormat,
  type ListSubject,
} from "../../src/policy/lists/index.ts";
import { silentLog } from "../../src/runtime/index.ts";
import { Dice } from "../fuzz/dice.ts";
import { makeFile, subjectOf } from "../fuzz/list-file/made-file.ts";
import { name } from "../service/delivery/rig.ts";
import { DnsQuestions, type AskedName } from "./support/dns-questions.ts";
import { startRbldnsd, type Rbldnsd } from "./support/rbldnsd.ts";
import { freePortBase } from "./support/site.ts";

const FORMATS = LIST_FORMATS.filter((format) => format !== "cidr" && format !== "drop");

const ENTRIES = 1000;
const QUESTIONS = 100_000;

interface Asked extends AskedName {
  readonly format: ListFormat;
}

const seed = Date.now() % 2 ** 31;

describe(`published lists and rbldnsd (seed ${seed})`, () => {
  const dice = new Dice(seed);
  const files = FORMATS.map((format) => makeFile(format, ENTRIES, dice));
  const snapshots = files.map(({ format, text }) => datasetsOf(format, text));
  let rbldnsd: Rbldnsd | undefined;
  let server: ListServer | undefined;
  let theirs: DnsQuestions;
  let ours: DnsQuestions;

  before(async () => {
    const [their, own] = [await freePortBase(), await freePortBase()];
    const served = files.map(({ format, text }) => ({ zone: zoneOf(format), dataset: format, text })); // prettier-ignore
    rbldnsd = await startRbldnsd(served, their);
    server = await ListServer.open(
      {
        zones: files.map(({ format }, i) => published(format, snapshots[i] ?? [])),
        rules: { ...DEFAULT_RULES, access: [{ network: "127.0.0.1", action: "pass" }] },
        limits: { connections: 200, connectionsPerAddress: 200, idleMs: 10_000, crowdedMs: 10_000 },
        ports: [{ setting: "listen.dns", address: "127.0.0.1", port: own }],
        threads: 2,
      },
      { log: silentLog, count() {} },
    );
    [theirs, ours] = [await DnsQuestions.to(their), await DnsQuestions.to(own)];
  });
  after(async () => {
    theirs.close();
    ours.close();
    await Promise.all([server?.stop(1000), rbldnsd?.stop()]);
  });

  /** Everybody whom the files were made to be asked about; `wide`: by a block that is not served. */
  const everybody = files.flatMap(({ format, ask }, i) =>
    [...new Set(ask)].flatMap((who) => {
      const subject = subjectOf(who);
      if (subject === undefined || isTestPoint(subject)) return [];
      const kind = subject.kind === "address" ? "addresses" : "names";
      const question = questionName({ kind, zone: name(zoneOf(format)) }, subject);
      const wide = isInWideBlock(snapshots[i] ?? [], subject);
      return question === undefined ? [] : [{ name: question, format, wide }];
    }),
  );

  function questions(count: number, wide: boolean): readonly Asked[] {
    const them = everybody.filter((one) => one.wide === wide);
    return Array.from({ length: count }, () => {
      const who = them[dice.below(them.length)] ?? assert.fail();
      return { ...who, type: dice.pick(["A", "TXT"]) };
    });
  }

  test(`${QUESTIONS} questions, the same answers`, async () => {
    const asked = questions(QUESTIONS, false);
    const [their, own] = [await theirs.ask(asked), await ours.ask(asked)];
    const different = asked.flatMap((question, i) =>
      recordsOf(question, their[i]) === recordsOf(question, own[i])
        ? []
        : [{ ...question, rbldnsd: their[i], gatepost: own[i] }],
    );
    assert.deepEqual(different.slice(0, 10), [], `${different.length} differ`);
    const listed = own.filter((answer) => answer.includes("; ")).length;
    assert.ok(listed > QUESTIONS / 10 && listed < (QUESTIONS * 9) / 10, `${listed} are listed`);
  });

  test("nobody is listed by a block wider than a /16 or a /32, which rbldnsd serves", async () => {
    const asked = questions(1000, true).filter(({ type }) => type === "A");
    const [their, own] = [await theirs.ask(asked), await ours.ask(asked)];
    assert.ok(their.filter((answer) => answer.includes("; A")).length > asked.length / 2);
    for (const [i, { name: asking, format }] of asked.entries())
      if (format !== "combined") assert.equal(own[i], "NXDOMAIN aa", asking);
  });
});

function zoneOf(format: ListFormat): string {
  return `${format}.list.example`;
}

function datasetsOf(format: ListFormat, text: string): readonly Dataset[] {
  const parser = new ListParser(format);
  parser.push(new TextEncoder().encode(text));
  const { snapshot, refusal } = parser.end();
  assert.ok(snapshot !== undefined, `${refusal}`);
  return snapshot.datasets.filter(({ subzones }) => subzones.includes(""));
}

/** As rbldnsd serves it by what the head of each file says. */
function published(format: ListFormat, datasets: readonly Dataset[]): PublishedZone {
  const times = { refresh: 7200, retry: 7200, expire: 604_800, ttl: 2100, negativeTtl: 3600 };
  return {
    origin: zoneOf(format),
    kind: format === "dnset" || format === "generic" ? "names" : "addresses",
    ns: ["ns1.list.example"],
    contact: "admin.list.example",
    serial: 1,
    ...times,
    validUntil: undefined,
    retired: false,
    sources: [datasets],
    nonTerminals: nonTerminalsOf([datasets]),
    transferTo: [],
  };
}

/** Every list has these entries, whatever stands in its files (RFC 5782 §5). */
function isTestPoint(subject: ListSubject): boolean {
  const text = subject.kind === "address" ? subject.ip : subject.domain;
  return ["127.0.0.1", "127.0.0.2", "test", "invalid"].includes(text);
}

/**
 * The records of an answer. Whether there is the name where there are none is said otherwise on purpose, and so is how long records of a
 * `generic` dataset are good (docs/publishing.md).
 */
function recordsOf({ format }: Asked, said = ""): string {
  const [head = "", ...records] = said.split("; ");
  if (!/^(?:NOERROR|NXDOMAIN) aa$/.test(head)) return said;
  if (format !== "generic" && format !== "combined") return records.join("; ");
  return records.map((record) => record.replace(/ \d+ /, " ")).join("; ");
}

/** What says something of it says it of the whole /15 or /31 around it. */
function isInWideBlock(datasets: readonly Dataset[], subject: ListSubject): boolean {
  if (subject.kind === "name") return false;
  const v6 = subject.ip.includes(":");
  const at = ipaddr.parse(subject.ip).toByteArray();
  const words = Array.from({ length: at.length / 4 }, (_, i) =>
    at.slice(i * 4, i * 4 + 4).reduce((word, octet) => word * 256 + octet, 0),
  );
  const free = 2 ** (v6 ? 1 : 17);
  const [first = 0, ...rest] = words;
  const low = big([first - (first % free), ...rest.map(() => 0)]);
  const high = big([first - (first % free) + free - 1, ...rest.map(() => 0xffff_ffff)]);
  return datasets.some((dataset) => {
    const { width, firsts, lasts, answers } = v6 ? dataset.v6 : dataset.v4;
    for (let row = 0; row < answers.length; row++) {
      const part = (all: Uint32Array): bigint => big([...all.subarray(row * width, row * width + width)]); // prettier-ignore
      if (part(firsts) <= low && part(lasts) >= high) return true;
    }
    return false;
  });
}

function big(words: readonly number[]): bigint {
  return words.reduce((value, word) => value * 2n ** 32n + BigInt(word), 0n);
}
