/**
 * The same files served by Debian's rbldnsd and by Gatepost, in every format, asked the same 100,000 questions: the same answers. What differs
 * on purpose is in docs/publishing.md, and shown at the end.
 */
import assert from "node:assert/strict";
import ipaddr from "ipaddr.js";
import { after, before, describe, test } from "node:test";
import { DEFAULT_RULES, nonTerminalsOf, type PublishedZone } from "../../src/operate/listing/answering/index.ts"; // prettier-ignore
import { servedZones } from "../../src/operate/listing/index.ts";
import { ListServer } from "../../src/operate/listing/serving/index.ts";
import { listingSchema } from "../../src/operate/listing/settings.ts";
import {
  LIST_FORMATS,
  ListParser,
  questionName,
  type Dataset,
  type ListFormat,
  type ListSnapshot,
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
    server = await openServer(
      files.map(({ format }, i) => published(format, snapshots[i] ?? [])),
      own,
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

/** As rbldnsd(8) has it: one file, and of it zones below the list. */
describe("a combined file with subzones and rbldnsd", () => {
  const ZONE = "all.list.example";
  const FILE = [
    "$SOA 1w ns1.list.example admin.list.example 0 2h 2h 1w 1h",
    "$TTL 35m",
    "$1 see",
    "$DATASET ip4set:proxies proxies @",
    ":127.0.0.2:$1 open proxy $",
    "192.0.2.0/26",
    "!192.0.2.7",
    "$DATASET ip4trie relays",
    ":3:open relay $",
    "192.0.2.32/27",
    "198.51.100.0/24 :4:$= $",
    "$DATASET ip4set:hops multihop relays",
    "192.0.2.60-192.0.2.70 :5:hop $1",
    "$DATASET dnset names",
    "*.bad.example :2:bad $",
    "good.example :3:",
    "",
  ].join("\n");
  const names = [...Array.from({ length: 256 }, (_, i) => `${i}.2.0.192`), "9.100.51.198", "bad.example", "x.bad.example", "good.example"]; // prettier-ignore
  const asked = ["", "proxies.", "relays.", "multihop.", "names."].flatMap(
    (below) =>
    names.flatMap((who) => (["A", "TXT"] as const).map((type) => ({ name: `${who}.${below}${ZONE}`, type }))), // prettier-ignore
  );

  test("the same answers about each of its names", async (t) => {
    const [their, own] = [await freePortBase(), await freePortBase()];
    const rbldnsd = await startRbldnsd([{ zone: ZONE, dataset: "combined", text: FILE }], their);
    t.after(() => rbldnsd.stop());
    const settings = listingSchema.parse({ zone: [{ zone: ZONE, kind: "addresses", ns: ["ns1.example"], contact: "a@example.net" }] }); // prettier-ignore
    const file = { file: "all", snapshot: snapshotOf("combined", FILE) };
    const { served } = servedZones(settings.zone, () => [file]);
    const zones = served.map(({ setting, datasets }) => ({ ...published("combined", datasets), origin: setting.zone })); // prettier-ignore
    const server = await openServer(zones, own);
    t.after(() => server.stop(1000));
    const [theirs, ours] = [await DnsQuestions.to(their), await DnsQuestions.to(own)];
    t.after(() => [theirs, ours].forEach((one) => one.close()));
    const [said, answered] = [await theirs.ask(asked), await ours.ask(asked)];
    const records = (all: readonly string[]) => asked.map((question, i) => `${question.name} ${recordsOf({ ...question, format: "combined" }, all[i])}`); // prettier-ignore
    assert.deepEqual(records(answered), records(said));
    const listed = answered.filter((answer) => answer.includes("; ")).length;
    assert.ok(listed > 200 && listed < asked.length / 2, `${listed} are listed`);
  });
});

function zoneOf(format: ListFormat): string {
  return `${format}.list.example`;
}

function openServer(zones: readonly PublishedZone[], port: number): Promise<ListServer> {
  return ListServer.open(
    {
      zones,
      rules: { ...DEFAULT_RULES, access: [{ network: "127.0.0.1", action: "pass" }] },
      limits: { connections: 200, connectionsPerAddress: 200, idleMs: 10_000, crowdedMs: 10_000 },
      ports: [{ setting: "listen.dns", address: "127.0.0.1", port }],
      threads: 2,
    },
    { log: silentLog, count() {} },
  );
}

function snapshotOf(format: ListFormat, text: string): ListSnapshot {
  const parser = new ListParser(format);
  parser.push(new TextEncoder().encode(text));
  const { snapshot, refusal } = parser.end();
  assert.ok(snapshot !== undefined, `${refusal}`);
  return snapshot;
}

function datasetsOf(format: ListFormat, text: string): readonly Dataset[] {
  return snapshotOf(format, text).datasets.filter(({ subzones }) => subzones.includes(""));
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
    nonTerminals: datasets.map(nonTerminalsOf),
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
