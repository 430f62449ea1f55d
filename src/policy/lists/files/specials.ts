/**
 * Lines that say something about the data instead of listing: `$SOA`, `$NS`, `$TTL`, `$TIMESTAMP`, `$MAXRANGE4`, `$0` to `$9`, `$=`;
 * also written `#$…`, `;$…` or `:$…` for programs that know none of them (rbldnsd(8), "Special Entries"). What only a name server needs
 * is checked, and passed over.
 */
import { cursorOn, number, rest, skip, skipBlanks, word, type Cursor } from "./cursor.ts";
import { readTime } from "./time-span.ts";
import { readTimestamp } from "./timestamp.ts";

/** What the lines of a dataset have said so far. Those in front of all datasets are for all. */
export class Specials {
  readonly variables: (string | undefined)[] = [];
  base: string | undefined;
  /** Addresses that an entry may have. */
  maxRange4: number | undefined;
  made: number | undefined;
  /** The earliest one counts. */
  expires: number | undefined;
  readonly #outer: Specials | undefined;

  constructor(outer?: Specials) {
    this.#outer = outer;
    this.maxRange4 = outer?.maxRange4;
  }

  /** Takes what stands behind the dollar sign. A reason where it is nothing. */
  take(text: string): string | undefined {
    const cursor = cursorOn(text);
    const keyword = word(cursor).toUpperCase();
    switch (keyword) {
      case "SOA":
        return isSoa(cursor)
          ? undefined
          : "expected $SOA ttl origin person serial refresh retry expire minttl";
      case "NS":
        return isNs(cursor) ? undefined : "expected $NS ttl name …";
      case "TTL":
        return readTime(rest(cursor)) === undefined ? "expected $TTL and seconds" : undefined;
      case "TIMESTAMP":
        return this.#timestamp(cursor);
      case "MAXRANGE4":
        return this.#range(cursor);
      case "=":
        return this.#base(rest(cursor));
      default:
        return this.#variable(keyword, rest(cursor));
    }
  }

  /** What "$" stands for in the texts of this dataset: what was said for all counts first. */
  substitutions(): { variables: (string | undefined)[]; base: string | undefined } {
    const outer = this.#outer?.substitutions();
    const variables = Array.from(
      { length: 10 },
      (_, i) => outer?.variables[i] ?? this.variables[i],
    );
    return { variables, base: outer?.base ?? this.base };
  }

  #timestamp(cursor: Cursor): string | undefined {
    const stamp = readTimestamp(cursor);
    if (stamp === undefined)
      return "expected $TIMESTAMP yyyy:mm:dd:hh:mm:ss, and the same or +2d for its end";
    this.made = stamp.made ?? this.made;
    const { expires } = stamp;
    if (expires !== undefined) this.expires = Math.min(expires, this.expires ?? expires);
    return undefined;
  }

  /** It may become smaller, never larger. */
  #range(cursor: Cursor): string | undefined {
    const bits = skip(cursor, "/");
    const most = number(cursor, bits ? 32 : 2 ** 32 - 1);
    if (most === undefined || most === 0 || cursor.at < cursor.text.length)
      return "expected $MAXRANGE4 and a number of addresses, or /24";
    const size = bits ? 2 ** (32 - most) : most;
    if (this.maxRange4 !== undefined && size > this.maxRange4)
      return `$MAXRANGE4 is ${this.maxRange4} already and cannot become larger`;
    this.maxRange4 = size;
    return undefined;
  }

  #base(text: string): string | undefined {
    if (text === "") return "expected a text behind $=";
    this.base ??= text;
    return undefined;
  }

  /** The first one counts. */
  #variable(name: string, text: string): string | undefined {
    if (!/^[0-9]$/.test(name) || text === "")
      return "expected $SOA, $NS, $TTL, $TIMESTAMP, $MAXRANGE4, $=, or a digit and a text";
    this.variables[Number(name)] ??= text;
    return undefined;
  }
}

/** What stands behind the dollar sign of such a line; undefined where the line is none. */
export function specialIn(line: string): string | undefined {
  if (line.startsWith("$")) return line.slice(1);
  return /^[#;:]\$/.test(line) ? line.slice(2) : undefined;
}

function isSoa(cursor: Cursor): boolean {
  const fields = words(cursor);
  const [ttl = "", , , ...times] = fields;
  return fields.length === 8 && [ttl, ...times].every((time) => readTime(time) !== undefined);
}

function isNs(cursor: Cursor): boolean {
  const [ttl = "", ...names] = words(cursor);
  return readTime(ttl) !== undefined && names.length > 0;
}

function words(cursor: Cursor): string[] {
  const found: string[] = [];
  skipBlanks(cursor);
  while (cursor.at < cursor.text.length) found.push(word(cursor));
  return found;
}
