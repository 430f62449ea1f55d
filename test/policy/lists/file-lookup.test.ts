/** What a file becomes: rows that are searched. Held against a naive reading of the same entries, and measured in octets. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseIp } from "../../../src/mail/index.ts";
import {
  fileAnswer,
  ListReader,
  octetsOf,
  sharedSnapshot,
  type ListFormat,
} from "../../../src/policy/lists/index.ts";
import { Dice } from "../../fuzz/dice.ts";
import { subjectOf } from "../../fuzz/list-file/made-file.ts";
import { parsed } from "./read-file.ts";

interface Block {
  readonly first: number;
  readonly bits: number;
  readonly code: number | undefined;
}

/** Longest match, and of equal ones the first. */
function naive(blocks: readonly Block[], address: number): number | undefined {
  const holding = blocks.filter(({ first, bits }) => address >= first && address < first + 2 ** (32 - bits)); // prettier-ignore
  const longest = Math.max(...holding.map(({ bits }) => bits));
  return holding.find(({ bits }) => bits === longest)?.code;
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}

function manyBlocks(dice: Dice, count: number): Block[] {
  return Array.from({ length: count }, () => {
    const bits = dice.below(17) + 16;
    const size = 2 ** (32 - bits);
    const address = 0x0a00_0000 + dice.below(2 ** 18);
    const code = dice.chance(20) ? undefined : dice.below(5) + 2;
    return { first: address - (address % size), bits, code };
  });
}

describe("look-up in a local list", () => {
  test("finds what a naive reading of all entries finds", () => {
    const seed = Date.now() % 2 ** 31;
    const dice = new Dice(seed);
    const blocks = manyBlocks(dice, 400);
    const lines = blocks.map(({ first, bits, code }) => code === undefined ? `!${dotted(first)}/${bits}` : `${dotted(first)}/${bits} :${code}`); // prettier-ignore
    const { snapshot } = parsed("ip4trie", lines);
    assert.ok(snapshot !== undefined);
    const reader = new ListReader(snapshot);
    const ends = blocks.flatMap(({ first, bits }) => [first - 1, first, first + 2 ** (32 - bits)]);
    const others = Array.from({ length: 1000 }, () => 0x0a00_0000 + dice.below(2 ** 18));
    for (const address of [...ends, ...others]) {
      const ip = parseIp(dotted(address));
      assert.ok(ip !== undefined);
      const code = naive(blocks, address);
      const expected = code === undefined ? undefined : [`127.0.0.${code}`];
      assert.deepEqual(reader.address(ip)?.codes, expected, `${ip}, seed ${seed}`);
    }
  });

  test("finds each of many that came in no order", () => {
    const addresses = Array.from({ length: 9973 }, (_, i) => 0x0a00_0000 + ((i * 4242) % 9973) * 3);
    const { snapshot } = parsed("ip4set", addresses.map((address) => `${dotted(address)} :${(address % 200) + 2}:`)); // prettier-ignore
    assert.ok(snapshot !== undefined);
    const reader = new ListReader(snapshot);
    for (const address of addresses) {
      const [ip, beside] = [parseIp(dotted(address)), parseIp(dotted(address + 1))];
      assert.ok(ip !== undefined && beside !== undefined);
      assert.deepEqual(reader.address(ip)?.codes, [`127.0.0.${(address % 200) + 2}`]);
      assert.equal(reader.address(beside), undefined);
    }
  });

  test("a text alone lists nobody, as in a zone", () => {
    const { snapshot } = parsed("generic", 'a.example TXT "only words"');
    const subject = subjectOf("a.example");
    assert.ok(snapshot !== undefined && subject !== undefined);
    assert.deepEqual(fileAnswer(new ListReader(snapshot), subject), { kind: "clear" });
  });

  test("finds names whose hashes are the same", () => {
    const [a, b] = ["costarring.example", "liquid.example"]; // FNV-1a of both without the end is one
    const lines = [`${b} :3:`, `${a} :2:`];
    const { snapshot } = parsed("dnset", lines);
    assert.ok(snapshot !== undefined);
    const [dataset] = snapshot.datasets;
    assert.equal(new Set(dataset?.exact.hashes).size, 1, "the test has names with one hash");
    const reader = new ListReader(snapshot);
    assert.deepEqual(reader.name(a)?.codes, ["127.0.0.2"]);
    assert.deepEqual(reader.name(b)?.codes, ["127.0.0.3"]);
    assert.equal(reader.name("liquid.example.org"), undefined);
  });

  /** Octets of an entry, as docs/lists.md has it: without texts, and of a name without its letters. */
  const SIZES: readonly (readonly [ListFormat, number, (i: number) => string])[] = [
    ["ip4set", 12, (i) => dotted(0x0100_0000 + 2 * i)],
    ["cidr", 12, (i) => `${dotted(0x0100_0000 + 256 * 2 * i)}/24`],
    ["ip6trie", 36, (i) => `2001:db8:${(2 * i).toString(16)}::/48`],
    ["dnset", 12 + 11, (i) => `n${String(i).padStart(8, "0")}.x`],
  ];

  for (const [format, octets, line] of SIZES)
    test(`an entry of ${format} takes ${octets} octets`, () => {
      const count = 20_000;
      const { snapshot } = parsed(
        format,
        Array.from({ length: count }, (_, i) => line(i)),
      );
      assert.ok(snapshot !== undefined);
      assert.equal(snapshot.entries, count);
      const used = octetsOf(snapshot);
      assert.ok(used >= count * octets && used < count * octets + 200, `${used / count}`);
      assert.equal(octetsOf(sharedSnapshot(snapshot)), used, "and the same where it is shared");
    });

  test("of entries for one address at most 32 different values are kept, and that is told", () => {
    const lines = Array.from({ length: 40 }, (_, i) => `192.0.2.1 :${i + 2}:`);
    const { snapshot, problems } = parsed("ip4set", lines);
    assert.ok(snapshot !== undefined);
    const ip = parseIp("192.0.2.1");
    assert.ok(ip !== undefined);
    assert.equal(new ListReader(snapshot).address(ip)?.codes.length, 32);
    assert.deepEqual(problems, [
      { line: 0, reason: "8 entries are left out: too many others list the same" },
    ]);
  });
});
