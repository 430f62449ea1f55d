/** A row as a person reads it in a list: how old, what next, to whom; from whom; and why it is here still. */
import { formatStatus, visible, type Outcome } from "../../mail/index.ts";
import { octetsText } from "../../runtime/index.ts";
import type { QueueRow, QueueState } from "../../store/index.ts";
import { durationText } from "./times.ts";

/** Columns of the numbers that stand before a recipient; a list is written row by row, so they are fixed. */
const WIDTHS = { id: 7, octets: 8, age: 6, next: 9 } as const;

/** The lines after the first begin under the octets. */
const INDENT = " ".repeat(WIDTHS.id + 2);

export const LIST_HEAD = columns("ID", "SIZE", "AGE", "NEXT TRY", "RECIPIENT");

/** Lines of at most `width` characters; addresses and ids are never cut, for they are copied. */
export function rowLines(row: QueueRow, now: number, width: number): readonly string[] {
  const age = durationText(now - row.acceptedAt);
  const first = columns(
    String(row.id),
    octetsText(row.octets),
    age,
    nextText(row.state, now),
    visible(row.forwardPath),
  );
  const second = `${INDENT}${row.message} from ${senderText(row)}`;
  const more = [...noteTexts(row), ...(row.last === undefined ? [] : [lastText(row.last.outcome)])];
  return [first, second, ...more.map((text) => INDENT + cut(text, width - INDENT.length))];
}

export function senderText({ reversePath }: QueueRow): string {
  return reversePath === "" ? "<> (a report: nobody is answered)" : visible(reversePath);
}

/** "mx.example.net: 451 4.3.0 later", or our own words with their reason where the attempt did not come so far. */
export function lastText({ reply, status }: Outcome): string {
  if (reply !== undefined) return visible(`${reply.host}: ${oneLine(reply.lines)}`);
  const why = status.reason === undefined ? "" : ` (${status.reason})`;
  return visible(`${formatStatus(status)}${why}`);
}

/** The lines of a reply behind one another, with the codes of the first alone. */
function oneLine(lines: readonly string[]): string {
  const [first = "", ...others] = lines;
  const words = others.map((line) => line.slice(4).replace(/^[245]\.[0-9]{1,3}\.[0-9]{1,3} /, ""));
  return [first.replace(/^([0-9]{3})-/, "$1 "), ...words].join(" ");
}

function nextText(state: QueueState, now: number): string {
  switch (state.kind) {
    case "waiting":
      return state.dueAt <= now ? "now" : `in ${durationText(state.dueAt - now)}`;
    case "held":
      return "held";
    case "under way":
      return "under way";
  }
}

/** What must be known before anybody acts on it. */
export function noteTexts({ inDoubt, state }: QueueRow): readonly string[] {
  const wish = state.kind === "under way" ? state.wish : "send";
  return [
    ...(inDoubt ? ["in doubt: it may have been delivered already"] : []),
    ...(wish === "hold" ? ["will be held when this attempt has ended"] : []),
    ...(wish === "remove" ? ["will be removed when this attempt has ended"] : []),
  ];
}

function columns(id: string, octets: string, age: string, next: string, rest: string): string {
  const { id: idWidth, octets: octetsWidth, age: ageWidth, next: nextWidth } = WIDTHS;
  return [
    id.padStart(idWidth),
    octets.padEnd(octetsWidth),
    age.padEnd(ageWidth),
    next.padEnd(nextWidth),
    rest,
  ].join("  ");
}

/** Characters of any language count as one. */
export function cut(text: string, width: number): string {
  if (text.length <= width) return text;
  return `${Array.from(text)
    .slice(0, Math.max(0, width - 1))
    .join("")}…`;
}
