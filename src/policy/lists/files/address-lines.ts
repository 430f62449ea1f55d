/**
 * rbldnsd's datasets of addresses. They differ in which addresses they read and in what counts where entries overlap:
 *
 * - ip4set: prefixes, blocks and ranges. An entry that ends within a /24 counts as single addresses, one that ends within a /16 as
 *   /24s, and so on; the smallest unit counts before the larger ones, and of equal ones all.
 * - ip4trie, ip6trie: blocks. The longest match counts, and of equal ones the first.
 * - ip4tset: single addresses; ip6tset: /64s, and single addresses that are excluded. One value for all: the first line of values.
 *
 * An exclusion (`!`) counts like an entry, and lists nothing.
 */
import { readBlock4, readPrefix4, readRange4, sizeOf, type Range4 } from "./address4.ts";
import { readBlock6 } from "./address6.ts";
import { EXCLUDED, type DatasetBuilder } from "./builder.ts";
import { cursorOn, skip, skipBlanks, type Cursor } from "./cursor.ts";
import { bad, type DatasetLines, type EntryLimits, type LineReader, type LineResult } from "./dataset-lines.ts"; // prettier-ignore
import { quoted } from "./problems.ts";
import { PLAIN_VALUE, readColons, readValue, type Value } from "./value.ts";
import type { ValueNumber } from "./value-numbers.ts";

/** Reads the addresses of an entry: puts them into the builder when their value is known. The reason where there are none. */
type ReadAddresses = (
  cursor: Cursor,
  builder: DatasetBuilder,
  limits: EntryLimits,
) => ((value: ValueNumber) => void) | string;

interface Kind {
  readonly ties: "all" | "first";
  readonly listed: ReadAddresses;
  readonly excluded: ReadAddresses;
  /** Each entry has its own value; or they all have the same. */
  readonly values: "own" | "same";
  /** A colon right behind the address begins the value. */
  readonly colon: boolean;
}

function addressLines(kind: Kind): LineReader {
  return (builder, limits) => new AddressLines(kind, builder, limits);
}

class AddressLines implements DatasetLines {
  readonly fills = true;
  readonly ties;
  readonly #kind: Kind;
  readonly #builder: DatasetBuilder;
  readonly #limits: EntryLimits;
  #value: Value = PLAIN_VALUE;
  #valueSaid = false;

  constructor(kind: Kind, builder: DatasetBuilder, limits: EntryLimits) {
    this.ties = kind.ties;
    this.#kind = kind;
    this.#builder = builder;
    this.#limits = limits;
  }

  line(text: string): LineResult {
    // Two colons begin an IPv6 address: ::1.
    const rule = text.startsWith(":") && (this.#kind.colon || !text.startsWith("::"));
    return rule ? this.#rule(text) : this.#entry(text);
  }

  end(): void {
    // Its first value is number 0, which all entries of this kind have.
    if (this.#kind.values === "same") this.#number(this.#value);
  }

  /** The value of all entries that follow and have none of their own. */
  #rule(text: string): LineResult {
    const value = readColons(cursorOn(text), PLAIN_VALUE);
    if (typeof value === "string") return bad(value);
    if (this.#kind.values === "own" || !this.#valueSaid) this.#value = value;
    this.#valueSaid = true;
    return "rule";
  }

  #entry(text: string): LineResult {
    const cursor = cursorOn(text);
    const excluded = skip(cursor, "!");
    if (excluded) skipBlanks(cursor);
    const read = excluded ? this.#kind.excluded : this.#kind.listed;
    const put = read(cursor, this.#builder, this.#limits);
    if (typeof put === "string") return bad(`${quoted(text)}: ${put}`);
    if (!this.#isEnd(cursor)) return bad(`${quoted(text)}: expected a blank behind the address`);
    if (excluded) put(EXCLUDED);
    else if (this.#kind.values === "same") put(0);
    else {
      const value = readValue(cursor, this.#value);
      if (typeof value === "string") return bad(`${quoted(text)}: ${value}`);
      put(this.#number(value));
    }
    return "entry";
  }

  #isEnd({ text, at }: Cursor): boolean {
    const next = text[at];
    if (next === ":") return this.#kind.colon || text.lastIndexOf("/", at) >= 0;
    return next === undefined || " \t#;".includes(next);
  }

  #number({ code, text }: Value): ValueNumber {
    return this.#builder.value(code, text);
  }
}

const SINGLE = "expected one address, such as 192.0.2.1";

const set4: ReadAddresses = (cursor, builder, limits) => {
  const range = readRange4(cursor);
  if (typeof range === "string") return range;
  const wide = tooWide(range, limits);
  if (wide !== undefined) return wide;
  return (value) => {
    for (const { first, last, level } of octetPieces(range))
      builder.range4({ first, last }, level, value);
  };
};

const trie4: ReadAddresses = (cursor, builder, limits) => {
  const block = readBlock4(cursor);
  if (typeof block === "string") return block;
  return tooWide(block, limits) ?? ((value) => builder.range4(block, block.bits, value));
};

const single4: ReadAddresses = (cursor, builder) => {
  const prefix = readPrefix4(cursor);
  const more = /[/-]/.test(cursor.text[cursor.at] ?? "");
  if (prefix?.bits !== 32 || more) return SINGLE;
  const { address } = prefix;
  return (value) => builder.range4({ first: address, last: address }, 32, value);
};

const block6: ReadAddresses = (cursor, builder) => {
  const block = readBlock6(cursor);
  return typeof block === "string" ? block : (value) => builder.block6(block, value);
};

/** Written without a slash. */
function exactly6(bits: number, otherwise: string): ReadAddresses {
  return (cursor, builder) => {
    const block = readBlock6(cursor);
    const said = typeof block !== "string" && !cursor.text.slice(0, cursor.at).includes("/");
    return said && block.bits === bits ? (value) => builder.block6(block, value) : otherwise;
  };
}

export const ip4set = addressLines({
  ties: "all",
  listed: set4,
  excluded: set4,
  values: "own",
  colon: true,
});

export const ip4trie = addressLines({
  ties: "first",
  listed: trie4,
  excluded: trie4,
  values: "own",
  colon: true,
});

export const ip4tset = addressLines({
  ties: "first",
  listed: single4,
  excluded: () => "this format has no exclusions",
  values: "same",
  colon: true,
});

export const ip6trie = addressLines({
  ties: "first",
  listed: block6,
  excluded: block6,
  values: "own",
  colon: false,
});

export const ip6tset = addressLines({
  ties: "first",
  listed: exactly6(64, "expected the four groups of a /64, such as 2001:db8:0:1"),
  excluded: exactly6(128, "expected one address, such as 2001:db8:0:1::2"),
  values: "same",
  colon: false,
});

function tooWide(range: Range4, { maxRange4 }: EntryLimits): string | undefined {
  if (maxRange4 === undefined || sizeOf(range) <= maxRange4) return undefined;
  return `${sizeOf(range)} addresses; $MAXRANGE4 allows ${maxRange4}`;
}

/** A range as whole /8s, /16s, /24s and addresses, each as large as its ends allow. The smaller the units, the higher the level. */
function octetPieces({ first, last }: Range4): (Range4 & { readonly level: number })[] {
  const pieces: (Range4 & { readonly level: number })[] = [];
  const put = (from: number, to: number, level: number): void => {
    if (from < to) pieces.push({ first: from, last: to - 1, level });
  };
  let [from, to] = [first, last + 1];
  for (let level = 4; level > 1; level--) {
    const unit = 256 ** (5 - level);
    const [inFrom, inTo] = [Math.ceil(from / unit) * unit, Math.floor(to / unit) * unit];
    if (inFrom >= inTo) {
      put(from, to, level);
      return pieces;
    }
    put(from, inFrom, level);
    put(inTo, to, level);
    [from, to] = [inFrom, inTo];
  }
  put(from, to, 1);
  return pieces;
}
