/** One file says the same as a local list, as a published zone, and as that zone at a secondary that got it by a transfer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { addressUnder, parseName } from "../../../src/protocol/dns/index.ts";
import { ListReader, LIST_FORMATS, type ListSnapshot } from "../../../src/policy/lists/index.ts";
import type { Ip } from "../../../src/mail/index.ts";
import type { Source } from "../../../src/operate/listing/answering/index.ts";
import { Dice } from "../../fuzz/dice.ts";
import { makeFile, subjectOf } from "../../fuzz/list-file/made-file.ts";
import { parsed } from "../../policy/lists/read-file.ts";
import { answerer, CLIENT, decoded, NOW, octetsTo, query, zone } from "./asking.ts";
import { OrdinaryZone } from "./ordinary-zone.ts";

const FILES = 100;
const ENTRIES = 14;

interface Said {
  readonly codes: readonly string[];
  readonly texts: readonly string[];
}

const NOTHING: Said = { codes: [], texts: [] };

/** Of the names of a zone, what an answerer says in two answers. */
function asked(to: ReturnType<typeof answerer>, name: string): Said {
  const records = (type: "A" | "TXT"): string[] =>
    (decoded(octetsTo(to, query(name, { type }), { over: "tcp" }) ?? new Uint8Array(12)).answers ?? []).flatMap((record) => record.type === "A" ? [record.data] : record.type === "TXT" ? [String(record.data)] : []); // prettier-ignore
  return { codes: records("A"), texts: records("TXT") };
}

/** The widest block around an address that is all in one segment is wider than what is served. */
function isUnserved(source: Source, ip: Ip): boolean {
  const bits = (segments: Source[number]["v4"], words: readonly number[], width: number): boolean =>
    Array.from(segments.answers).some((_, row) => {
      const number = (row32: Uint32Array): bigint =>
        row32.subarray(row * width, (row + 1) * width).reduce((sum, word) => (sum << 32n) + BigInt(word), 0n); // prettier-ignore
      const unit = width === 1 ? 2n ** 17n : 2n ** 97n;
      const address = words.reduce((sum, word) => (sum << 32n) + BigInt(word), 0n);
      const first = address - (address % unit);
      return number(segments.firsts) <= first && number(segments.lasts) >= first + unit - 1n;
    });
  if (!ip.includes(":")) {
    const word = ip.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
    return source.some(({ v4 }) => bits(v4, [word], 1));
  }
  const name = addressUnder(ip, nameOf("x"));
  const hex = (name ?? "").split(".").slice(0, 32).toReversed().join("");
  const words = [0, 8, 16, 24].map((at) => Number.parseInt(hex.slice(at, at + 8), 16));
  return source.some(({ v6 }) => bits(v6, words, 4));
}

function nameOf(text: string): NonNullable<ReturnType<typeof parseName>> {
  const name = parseName(text);
  assert.ok(name !== undefined);
  return name;
}

/** A file by chance that can be read, and whom to ask about. */
function makeSnapshot(dice: Dice): {
  text: string;
  snapshot: ListSnapshot;
  ask: readonly string[];
} {
  for (;;) {
    const { format, text, ask } = makeFile(dice.pick(LIST_FORMATS), ENTRIES, dice);
    const { snapshot } = parsed(format, text);
    if (snapshot !== undefined) return { text, snapshot, ask };
  }
}

test("a file says the same as a list, as a zone, and as a zone transferred", () => {
  const seed = Date.now() % 2 ** 31;
  let [listed, wilds] = [0, 0];
  for (let n = 0; n < FILES; n++) {
    const { text, snapshot, ask } = makeSnapshot(new Dice(seed + n));
    const reader = new ListReader(snapshot);
    const source = snapshot.datasets.filter(({ subzones }) => subzones.includes(""));
    for (const kind of ["addresses", "names"] as const) {
      const zones = [zone([source], { kind, transferTo: [CLIENT] })];
      const to = answerer(zones);
      const messages = [
        ...(to.transfer(query("bl.example.org", { type: "AXFR" }), CLIENT, NOW) ?? []),
      ];
      const secondary = new OrdinaryZone("bl.example.org", messages);
      wilds += secondary.wildcards;
      for (const who of [...ask, "127.0.0.3", "x.y.example"]) {
        const subject = subjectOf(who);
        if (subject === undefined || (kind === "names") !== (subject.kind === "name")) continue;
        if (subject.kind === "address" && isUnserved(source, subject.ip)) continue;
        const name = subject.kind === "address" ? addressUnder(subject.ip, nameOf("bl.example.org")) : `${subject.domain}.bl.example.org`; // prettier-ignore
        if (
          name === undefined ||
          ["127.0.0.1", "127.0.0.2", "test", "invalid"].includes(who.toLowerCase())
        )
          continue;
        const expected = (subject.kind === "address" ? reader.address(subject.ip) : reader.name(subject.domain)) ?? NOTHING; // prettier-ignore
        const where = `seed ${seed + n}, ${kind}: ${who}\n${text}`;
        assert.deepEqual(asked(to, name), expected, where);
        assert.deepEqual(secondary.codes(name).toSorted(), expected.codes.toSorted(), `transferred, ${where}`); // prettier-ignore
        listed += expected.codes.length;
      }
    }
  }
  assert.ok(listed > FILES && wilds > FILES, `${listed} listed, ${wilds} wildcards`);
});
