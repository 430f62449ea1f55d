/** The queue's shape as a table for people, and as JSON. */
import { visible } from "../../mail/index.ts";
import { cut, lastText } from "./row-text.ts";
import { SHAPE_AGES, type DestinationShape, type WholeShape } from "./shape.ts";

const NUMBER_WIDTH = 6;
const NUMBERS_WIDTH = (SHAPE_AGES.length + 2) * (NUMBER_WIDTH + 1);
/** A column of names is never narrower. */
const LEAST_NAME_WIDTH = 16;
const HEAD = "NEXT HOP";

/** Lines of at most `width` characters; a name that is too long for its column has a line of its own. */
export function shapeLines(shape: WholeShape, width: number): readonly string[] {
  const { largest, destinations, rows, byAge } = shape;
  const longest = Math.max(...largest.map(({ destination }) => destination.length));
  const nameWidth = Math.max(LEAST_NAME_WIDTH, Math.min(longest, width - NUMBERS_WIDTH));
  const left = destinations - largest.length;
  return [
    "Recipients that wait, by the time since their message was accepted",
    "",
    ...line(HEAD, ["ALL", ...AGE_HEADS], nameWidth),
    ...line("TOTAL", [rows, ...byAge], nameWidth),
    ...largest.flatMap((one) => [
      ...line(visible(one.destination), [one.rows, ...one.byAge], nameWidth),
      ...reasonLines(one, width),
    ]),
    ...(left > 0 ? ["", `and ${left} more next hops with fewer; --all shows them`] : []),
  ];
}

function line(name: string, numbers: readonly (string | number)[], width: number): string[] {
  const cells = numbers.map((number) => ` ${String(number).padStart(NUMBER_WIDTH)}`).join("");
  return name.length > width ? [name, " ".repeat(width) + cells] : [name.padEnd(width) + cells];
}

const AGE_HEADS = [...SHAPE_AGES.map(({ name }) => `≤${name}`), "older"];

function reasonLines({ last }: DestinationShape, width: number): readonly string[] {
  return last === undefined ? [] : [cut(`    ${lastText(last.outcome)}`, width)];
}

/** `upToSeconds` is null for the oldest. */
export function shapeJson({ largest }: WholeShape): readonly object[] {
  return largest.map(({ destination, rows, byAge, last }) => ({
    destination,
    rows,
    byAge: byAge.map((count, i) => ({ upToSeconds: seconds(SHAPE_AGES[i]?.ms), rows: count })),
    last: last === undefined ? null : { at: new Date(last.at).toISOString(), ...last.outcome },
  }));
}

function seconds(ms: number | undefined): number | null {
  return ms === undefined ? null : ms / 1000;
}
