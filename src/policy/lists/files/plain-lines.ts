/**
 * Lists of blocks that know nothing of rbldnsd: CIDR text, and Spamhaus' DROP as JSON. IPv4 and IPv6 in one file; of blocks within
 * each other the smallest counts, of equal ones the first.
 */
import { blocksOf, readBlock4, readPrefix4, type Range4 } from "./address4.ts";
import { blocksBetween, readAddress6, readBlock6, type Block6 } from "./address6.ts";
import { DatasetBuilder } from "./builder.ts";
import { cursorOn, rest, skip, skipBlanks, type Cursor } from "./cursor.ts";
import type { FormatLines, ParsedLines } from "./format-lines.ts";
import { quoted, type Problems } from "./problems.ts";
import { PLAIN_VALUE } from "./value.ts";

/** Blocks, with the text of each. */
class Blocks {
  readonly #builder = new DatasetBuilder();
  entries = 0;

  put(blocks: Addresses, text: string | undefined): void {
    const value = this.#builder.value(PLAIN_VALUE.code, text);
    for (const block of blocks.v4) this.#builder.range4(block, block.bits, value);
    for (const block of blocks.v6) this.#builder.block6(block, value);
    this.entries++;
  }

  end(stamp: Pick<ParsedLines, "made" | "refusal">): ParsedLines {
    const leftOut = (): void => {}; // of equal blocks the first counts, so nothing is lost
    const how = { ties: "first", subzones: [""], substitutions: undefined, leftOut } as const;
    return { datasets: [this.#builder.finish(how)], expires: undefined, ...stamp };
  }
}

interface Addresses {
  readonly v4: readonly (Range4 & { readonly bits: number })[];
  readonly v6: readonly Block6[];
}

/** `192.0.2.0/24 ; SBL123`: a block, an address or a range on each line; what stands behind ";" or "#" is its text. */
export class CidrLines implements FormatLines {
  readonly #blocks = new Blocks();
  readonly #problems: Problems;

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  get entries(): number {
    return this.#blocks.entries;
  }

  line(text: string, number: number): void {
    if (text === "" || text.startsWith("#") || text.startsWith(";")) return;
    const cursor = cursorOn(text);
    const addresses = readAddresses(cursor);
    if (typeof addresses === "string") {
      this.#problems.add(number, `${quoted(text)}: ${addresses}`);
      return;
    }
    skipBlanks(cursor);
    const behind = rest(cursor);
    if (behind !== "" && !/^[;#]/.test(behind)) {
      this.#problems.add(number, `${quoted(text)}: expected ";" or "#" before a remark`);
      return;
    }
    this.#blocks.put(addresses, behind.slice(1).trim());
  }

  end(): ParsedLines {
    return this.#blocks.end({ made: undefined, refusal: undefined });
  }
}

/** An object on each line: `{"cidr":"192.0.2.0/24","sblid":"SBL123","rir":"ripencc"}`, and one of type "metadata". */
export class DropLines implements FormatLines {
  readonly #blocks = new Blocks();
  readonly #problems: Problems;
  #made: number | undefined;
  /** How many there should be. */
  #records: number | undefined;
  #objects = 0;

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  get entries(): number {
    return this.#blocks.entries;
  }

  line(text: string, number: number): void {
    if (text === "") return;
    const fields = readObject(text);
    if (fields === undefined) {
      this.#problems.add(number, `${quoted(text)}: expected an object of JSON on each line`);
    } else if (fields.get("type") === "metadata") this.#metadata(fields);
    else this.#record(fields, number);
  }

  end(): ParsedLines {
    const [records, found] = [this.#records, this.#objects];
    const whole = records === undefined || records === found;
    const refusal = whole ? undefined : `it says that it has ${records} records, and has ${found}`;
    return this.#blocks.end({ made: this.#made, refusal });
  }

  #metadata(fields: ReadonlyMap<string, unknown>): void {
    const [timestamp, records] = [fields.get("timestamp"), fields.get("records")];
    if (typeof timestamp === "number") this.#made = timestamp * 1000;
    if (typeof records === "number") this.#records = records;
  }

  #record(fields: ReadonlyMap<string, unknown>, number: number): void {
    this.#objects++;
    const [cidr, sblid] = [fields.get("cidr"), fields.get("sblid")];
    if (typeof cidr !== "string") {
      this.#problems.add(number, 'expected a field "cidr" with a block');
      return;
    }
    const cursor = cursorOn(cidr);
    const addresses = readAddresses(cursor);
    if (typeof addresses === "string") this.#problems.add(number, `${quoted(cidr)}: ${addresses}`);
    else if (rest(cursor) !== "")
      this.#problems.add(number, `${quoted(cidr)}: expected a block, and nothing else`);
    else this.#blocks.put(addresses, typeof sblid === "string" ? sblid : undefined);
  }
}

function readObject(text: string): ReadonlyMap<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return new Map(Object.entries(value));
  } catch {
    return undefined; // not JSON: the caller says so
  }
}

function readAddresses(cursor: Cursor): Addresses | string {
  return /^[0-9A-Fa-f]{0,4}:/.test(cursor.text) ? readAddresses6(cursor) : readAddresses4(cursor);
}

/** Whole addresses only: 10.1 is more likely a mistake than a /16. */
function readAddresses4(cursor: Cursor): Addresses | string {
  const from = readPrefix4({ ...cursor });
  if (from?.bits !== 32) return "expected an address, a block or a range, such as 192.0.2.0/24";
  const block = readBlock4(cursor);
  if (typeof block === "string") return block;
  if (block.bits < 32 || !skipDash(cursor)) return { v4: [block], v6: [] };
  const to = readPrefix4(cursor);
  if (to?.bits !== 32) return "expected an address as the end of the range";
  if (to.address < from.address) return "the range ends before it begins";
  return { v4: blocksOf({ first: from.address, last: to.address }), v6: [] };
}

function readAddresses6(cursor: Cursor): Addresses | string {
  const begin = cursor.at;
  const block = readBlock6(cursor);
  if (typeof block === "string") return block;
  const slash = cursor.text.slice(begin, cursor.at).includes("/");
  if (!slash && block.bits < 128)
    return "expected a whole address, or a block such as 2001:db8::/32";
  if (slash || !skipDash(cursor)) return { v4: [], v6: [block] };
  const from = cursor.at;
  const to = readBlock6(cursor);
  const last =
    typeof to === "string" ? undefined : readAddress6(cursor.text.slice(from, cursor.at));
  if (last === undefined) return "expected an address as the end of the range";
  const blocks = blocksBetween(block.first, last);
  return blocks.length === 0 ? "the range ends before it begins" : { v4: [], v6: blocks };
}

/** With or without blanks around it. */
function skipDash(cursor: Cursor): boolean {
  const from = cursor.at;
  skipBlanks(cursor);
  if (skip(cursor, "-")) {
    skipBlanks(cursor);
    return true;
  }
  cursor.at = from;
  return false;
}
