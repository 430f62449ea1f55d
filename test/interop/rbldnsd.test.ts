/**
 * The same files served by Debian's rbldnsd, asked through unbound as a site asks lists, and read as local lists: 10,000 questions in
 * every format, the same answers.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openResolver, type NetResolver } from "../../src/net/index.ts";
import { dnsSchema } from "../../src/net/settings.ts";
import {
  fileAnswer,
  LIST_FORMATS,
  ListParser,
  ListReader,
  questionName,
  rawAnswer,
  reasonText,
  type ListFormat,
  type ListSubject,
  type RawAnswer,
} from "../../src/policy/lists/index.ts";
import { systemClock, systemRandom } from "../../src/runtime/index.ts";
import { Dice } from "../fuzz/dice.ts";
import { makeFile, subjectOf } from "../fuzz/list-file/made-file.ts";
import { name } from "../service/delivery/rig.ts";
import { startRbldnsd, type Rbldnsd } from "./support/rbldnsd.ts";
import { freePortBase } from "./support/site.ts";
import { launchUnbound, type Unbound } from "./support/unbound.ts";

const FORMATS = LIST_FORMATS.filter((format) => format !== "cidr" && format !== "drop");

/** Of each file; each brings several questions. */
const ENTRIES = 700;
const QUESTIONS = 10_000;
/** Questions at once. */
const TOGETHER = 100;

const seed = Date.now() % 2 ** 31;

describe(`rbldnsd and local lists (seed ${seed})`, () => {
  const dice = new Dice(seed);
  const files = FORMATS.map((format) => makeFile(format, ENTRIES, dice));
  let rbldnsd: Rbldnsd | undefined;
  let unbound: Unbound | undefined;
  let resolver: NetResolver | undefined;

  before(async () => {
    const [port, behind] = [await freePortBase(), await freePortBase()];
    const served = files.map(({ format, text }) => ({
      zone: zoneOf(format),
      dataset: format,
      text,
    }));
    rbldnsd = await startRbldnsd(
      [...served, { zone: EXPIRED, dataset: "ip4set", text: OLD }],
      behind,
    );
    const stubs = [...FORMATS.map(zoneOf), EXPIRED].map((zone) => ({ zone, port: behind }));
    unbound = await launchUnbound("", "", { port, stubs });
    const settings = dnsSchema.parse({ servers: [`127.0.0.1:${port}`] });
    resolver = openResolver(settings, { clock: systemClock, random: systemRandom });
  });
  after(async () => {
    resolver?.close();
    await Promise.all([unbound?.stop(), rbldnsd?.stop()]);
  });

  /** As a list in the DNS is asked. */
  async function askZone(zone: string, subject: ListSubject): Promise<RawAnswer> {
    assert.ok(resolver !== undefined);
    const kind = subject.kind === "address" ? "addresses" : "names";
    const question = questionName({ kind, zone: name(zone) }, subject);
    assert.ok(question !== undefined);
    const raw = rawAnswer(await resolver.resolve(question, "A"));
    if (raw.kind !== "codes") return raw;
    const texts = await resolver.resolve(question, "TXT");
    const said =
      texts.kind === "found" ? texts.records.map((one) => reasonText(one, {}) ?? "") : [];
    return {
      ...raw,
      codes: raw.codes.toSorted(),
      ...(said.length > 0 && { text: said.toSorted().join("|") }),
    };
  }

  test(`${QUESTIONS} questions, the same answers`, async () => {
    const questions = files.flatMap(({ format, text, ask }) => {
      const reader = readerOf(format, text);
      return [...new Set(ask)].flatMap((who) => {
        const subject = subjectOf(who);
        return subject === undefined ? [] : [{ format, reader, subject, place: dice.next() }];
      });
    });
    assert.ok(questions.length >= QUESTIONS, `${questions.length} questions`);
    const asked = questions.toSorted((a, b) => a.place - b.place).slice(0, QUESTIONS);
    const counts = { codes: 0, clear: 0 };
    for (let at = 0; at < QUESTIONS; at += TOGETHER)
      await Promise.all(
        asked.slice(at, at + TOGETHER).map(async ({ format, reader, subject }) => {
          const [zone, file] = [await askZone(zoneOf(format), subject), ownAnswer(reader, subject)];
          assert.deepEqual(file, zone, `${format}: ${JSON.stringify(subject)}\n${rbldnsd?.log()}`);
          if (zone.kind !== "failed") counts[zone.kind]++;
        }),
      );
    assert.equal(counts.codes + counts.clear, QUESTIONS, "nothing failed");
    assert.ok(
      counts.codes > QUESTIONS / 10 && counts.clear > QUESTIONS / 10,
      JSON.stringify(counts),
    );
  });

  test("what has expired is not believed, there as here", async () => {
    const subject = subjectOf("127.0.0.2");
    assert.ok(subject !== undefined);
    assert.deepEqual(await askZone(EXPIRED, subject), { kind: "failed", why: "servfail" });
  });
});

const EXPIRED = "expired.list.example";
const OLD = "$TIMESTAMP 2020:01:01 2020:02:01\n127.0.0.2\n";

function zoneOf(format: ListFormat): string {
  return `${format}.list.example`;
}

function readerOf(format: ListFormat, text: string): ListReader {
  const parser = new ListParser(format);
  parser.push(new TextEncoder().encode(text));
  const { snapshot, refusal } = parser.end();
  assert.ok(snapshot !== undefined, `${refusal}`);
  return new ListReader(snapshot);
}

/** With all texts, for a server sends its records in any order. */
function ownAnswer(reader: ListReader, subject: ListSubject): RawAnswer {
  const raw = fileAnswer(reader, subject);
  if (raw.kind !== "codes") return raw;
  const found =
    subject.kind === "address" ? reader.address(subject.ip) : reader.name(subject.domain);
  const encoder = new TextEncoder();
  const texts = (found?.texts ?? []).map((text) => reasonText(encoder.encode(text), {}) ?? "");
  return {
    kind: "codes",
    codes: raw.codes.toSorted(),
    ...(texts.length > 0 && { text: texts.toSorted().join("|") }),
  };
}
