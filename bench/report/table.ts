/** Tables in Markdown: the first column is words, the others are figures. */
import type { Figures } from "../measure/figures.ts";

export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = heads.map((_, column) => (column === 0 ? "---" : "---:"));
  return [heads, rule, ...rows].map(line).join("\n");
}

/** Nothing measured. */
const NONE = "–";

export function count(value: number | undefined): string {
  return value === undefined ? NONE : Math.round(value).toLocaleString("en");
}

/** With so many digits that two figures can be compared. */
export function decimal(value: number | undefined, digits = 2): string {
  return value === undefined ? NONE : value.toFixed(digits);
}

/** How many times the second the first is. */
export function ratio(first: number | undefined, second: number | undefined): string {
  if (first === undefined || second === undefined) return NONE;
  const times = first / second;
  return `${times.toFixed(times < 10 ? 2 : 1)} ×`;
}

export function percent(part: number | undefined, whole: number | undefined): string {
  if (part === undefined || whole === undefined) return NONE;
  return `${Math.round((part / whole) * 100)} %`;
}

/** Of rates, lowest and highest. */
export function range(figures: Figures | undefined): string {
  return figures === undefined ? NONE : figures.range.map(count).join("–");
}

/** As a fraction with 1 above the line, the way the aims are put. */
export function share(part: number | undefined, whole: number | undefined): string {
  return part === undefined || whole === undefined ? NONE : `1/${(whole / part).toFixed(1)}`;
}

export function mebibytes(octets: number | undefined): string {
  return decimal(octets === undefined ? undefined : octets / 2 ** 20, 0);
}
