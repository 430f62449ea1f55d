/**
 * Lists' files made by chance, in each format, with all that they can hold: blocks within blocks, exclusions, ranges,
 * values and texts, directives, lines that are no good; and questions about them, mostly where something begins or ends.
 */
import { parseDomain, parseIp } from "../../../src/mail/index.ts";
import type { ListFormat, ListSubject } from "../../../src/policy/lists/index.ts";
import type { Dice } from "../dice.ts";
import {
  any4,
  block6,
  set6,
  single4,
  trie4,
  trie6,
  whole4,
  type Entry,
} from "./address-entries.ts";
import { nameEntry, record } from "./name-entries.ts";

export interface MadeFile {
  readonly format: ListFormat;
  readonly text: string;
  /** Whom to ask about: text of an address or a name. */
  readonly ask: readonly string[];
}

type MakeEntry = (dice: Dice) => Entry;

/** So many entries, and for each of them some questions. */
export function makeFile(format: ListFormat, entries: number, dice: Dice): MadeFile {
  if (format === "combined") return combined(entries, dice);
  const make = ENTRIES.get(format);
  if (make === undefined) return plain(format, entries, dice);
  const { lines, ask } = section(make, entries, dice, format !== "generic");
  return { format, text: [...HEAD, ...lines, ""].join("\n"), ask };
}

export function subjectOf(text: string): ListSubject | undefined {
  const ip = parseIp(text);
  if (ip !== undefined) return { kind: "address", ip };
  const domain = parseDomain(text);
  return domain === undefined ? undefined : { kind: "name", domain };
}

/** CIDR text or DROP. */
function plain(format: ListFormat, entries: number, dice: Dice): MadeFile {
  const made = Array.from({ length: entries }, () => dice.pick([single4, whole4, block6])(dice));
  const lines =
    format === "cidr"
      ? made.map(({ line }) => line + dice.pick(["", " ; SBL1", " # a remark"]))
      : made.map(({ line }, i) => JSON.stringify({ cidr: line, sblid: `SBL${i}`, rir: "x" }));
  const last = JSON.stringify({ type: "metadata", timestamp: 1_790_000_000, records: made.length });
  const text = [...lines, ...(format === "drop" ? [last] : []), ""].join("\n");
  return { format, text, ask: made.flatMap(({ ask }) => ask) };
}

const HEAD = [
  "$SOA 1w ns1.list.example admin.list.example 0 2h 2h 1w 1h",
  "$NS 1w ns1.list.example",
  "$TTL 35m",
  "# a remark",
  "; another",
  "",
];

function section(
  make: MakeEntry,
  entries: number,
  dice: Dice,
  withValues: boolean,
): { lines: string[]; ask: string[] } {
  const lines = dice.chance(50) ? [...VARIABLES] : [];
  if (dice.chance(30)) lines.push("#$= about $=, see $1");
  const ask: string[] = [];
  for (let i = 0; i < entries; i++) {
    const entry = make(dice);
    ask.push(...entry.ask);
    if (dice.chance(3)) lines.push(dice.pick(BAD_LINES));
    if (withValues && dice.chance(4)) lines.push(dice.pick(RULES));
    if (!withValues) lines.push(entry.line);
    else if (dice.chance(12)) lines.push(`!${entry.line}${dice.pick(["", "", " why not"])}`);
    else lines.push(entry.line + value(dice));
  }
  return { lines, ask };
}

const VARIABLES = ["$1 https://list.example/why", "$2 by hand", "$1 too late"];

const RULES = [
  ":127.0.0.3:Listed, see $1?$",
  ":4",
  ":5:",
  ":127.1.2.3: $ costs $$ 5, $2",
  ":2:plain",
] as const;

/** None of them lists anybody. */
const BAD_LINES = ["1.2.3.4.5", "300.1.1.1", "10.0.0.0/33", "what is this?", ":", ":x:y"] as const;

function value(dice: Dice): string {
  return dice.weighted([
    [50, ""],
    [5, " # a remark"],
    [3, "\t; another"],
    [6, " :3"],
    [6, " :127.0.0.9"],
    [6, " :7:"],
    [6, ` :127.0.1.${dice.below(200) + 2}:text ${dice.below(50)} about $`],
    [6, " only a text, $1 and $2 and $3"],
    [3, " =stands alone, $"],
    [3, " :6: costs $$ 10"],
    [2, ` ${"0123456789".repeat(30)}`],
  ]);
}

const ENTRIES: ReadonlyMap<ListFormat, MakeEntry> = new Map([
  ["ip4set", any4],
  ["ip4trie", trie4],
  ["ip4tset", single4],
  ["ip6trie", trie6],
  ["ip6tset", set6],
  ["dnset", nameEntry],
  ["generic", record],
]);

/** Of several datasets; some of them for a zone below. */
function combined(entries: number, dice: Dice): MadeFile {
  const lines = [...HEAD, "$1 said for all"];
  const ask: string[] = [];
  const formats = [...ENTRIES].filter(([format]) => format !== "generic" || dice.chance(50));
  for (const [format, make] of formats) {
    lines.push(`$DATASET ${format}:named ${dice.pick(["@", "@", "below", "@ below"])}`);
    const one = section(make, Math.ceil(entries / formats.length), dice, format !== "generic");
    lines.push(...one.lines);
    ask.push(...one.ask);
  }
  return { format: "combined", text: [...lines, ""].join("\n"), ask };
}
