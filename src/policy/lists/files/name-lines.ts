/**
 * rbldnsd's datasets of names. dnset: `example.org` the name itself, `*.example.org` all below it, `.example.org` both; `!` excludes. The
 * name itself counts before wildcards, and longer wildcards before shorter ones. generic: records, `www 3600 A 127.0.0.2`, `www TXT "…"`,
 * without wildcards.
 */
import { foldAscii, isAscii, parseDomain } from "../../../mail/index.ts";
import { parseName } from "../../../protocol/dns/index.ts";
import { readPrefix4 } from "./address4.ts";
import { EXCLUDED, type DatasetBuilder } from "./builder.ts";
import { cursorOn, rest, skip, skipBlanks, word } from "./cursor.ts";
import { bad, type DatasetLines, type LineReader, type LineResult } from "./dataset-lines.ts";
import { quoted } from "./problems.ts";
import { readTime } from "./time-span.ts";
import { PLAIN_VALUE, readAsOldForm, readColons, readValue, type Value } from "./value.ts";

export const dnset: LineReader = (builder) => new NameLines(builder);
export const generic: LineReader = (builder) => new RecordLines(builder);

class NameLines implements DatasetLines {
  readonly ties = "all";
  readonly fills = true;
  readonly #builder: DatasetBuilder;
  #value: Value = PLAIN_VALUE;

  constructor(builder: DatasetBuilder) {
    this.#builder = builder;
  }

  line(text: string): LineResult {
    if (!text.startsWith(":")) return this.#entry(text);
    const value = readColons(cursorOn(text), PLAIN_VALUE);
    if (typeof value === "string") return bad(value);
    this.#value = value;
    return "rule";
  }

  end(): void {}

  #entry(text: string): LineResult {
    const cursor = cursorOn(text);
    const excluded = skip(cursor, "!");
    if (excluded) skipBlanks(cursor);
    const written = word(cursor);
    const isBoth = written.startsWith(".");
    const isWild = written.startsWith("*.");
    const name = readName(isBoth ? written.slice(1) : isWild ? written.slice(2) : written);
    if (name === undefined)
      return bad(`${quoted(written)}: expected a name, such as example.org, *.example.org or .example.org`); // prettier-ignore
    const value = excluded ? undefined : readValue(cursor, this.#value);
    if (typeof value === "string") return bad(`${quoted(text)}: ${value}`);
    const number = value === undefined ? EXCLUDED : this.#builder.value(value.code, value.text);
    if (!isWild) this.#builder.exact(name, number);
    if (isWild || isBoth) this.#builder.wild(name, number);
    return "entry";
  }
}

class RecordLines implements DatasetLines {
  readonly ties = "all";
  readonly fills = false;
  readonly #builder: DatasetBuilder;

  constructor(builder: DatasetBuilder) {
    this.#builder = builder;
  }

  line(text: string): LineResult {
    const cursor = cursorOn(text);
    const written = word(cursor);
    const name = written === "@" ? "" : readName(written);
    if (name === undefined) return bad(`${quoted(written)}: expected a name, or @`);
    let type = word(cursor);
    if (readTime(type) !== undefined) type = word(cursor);
    if (type.toUpperCase() === "IN") type = word(cursor);
    const problem = this.#record(name, type.toUpperCase(), rest(cursor));
    return problem === undefined ? "entry" : bad(`${quoted(text)}: ${problem}`);
  }

  end(): void {}

  #record(name: string, type: string, data: string): string | undefined {
    if (type === "A") {
      const code = readPrefix4(cursorOn(data));
      const address = code === undefined ? 0 : readAsOldForm(code.address, code.bits);
      if (address === 0) return "expected an address behind A";
      this.#builder.exact(name, this.#builder.value(address, undefined));
      return undefined;
    }
    if (type === "TXT") {
      const quotes = data.length >= 2 && data.startsWith('"') && data.endsWith('"');
      const text = quotes ? data.slice(1, -1) : data;
      if (data === "") return "expected a text behind TXT";
      if (text !== "") this.#builder.exact(name, this.#builder.value(0, text));
      return undefined;
    }
    // Nobody asks a list where its mail goes.
    return type === "MX" && data !== "" ? undefined : "expected a record A, TXT or MX";
  }
}

/** In lower case, without a dot at its end; of an international name its A-labels. A star in it would be no wildcard, though it looks like one. */
function readName(text: string): string | undefined {
  if (text === "." || text.includes("*")) return undefined;
  const name = isAscii(text) ? parseName(text) : parseDomain(foldAscii(text).replace(/\.$/, ""));
  return name;
}
