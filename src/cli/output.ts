/** What commands print: tables for people, JSON for scripts; the same rows in both. */

export type Row = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** Prints rows as an aligned table with a head, or as a JSON array. */
export function printRows(rows: readonly Row[], json: boolean, empty: string): void {
  if (json) print(JSON.stringify(rows, null, 2));
  else if (rows.length === 0) print(empty);
  else print(table(rows));
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** 1536 → "1.5 KiB". */
export function octetsText(octets: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let amount = octets;
  for (; amount >= 1024 && unit < units.length - 1; unit++) amount /= 1024;
  return `${unit === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${units[unit] ?? ""}`;
}

/** "500M" → octets; K, M, G are binary. Undefined when it is no size. */
export function parseOctets(text: string): number | undefined {
  const match = /^([0-9]{1,12})\s*([KMG]?)(?:i?B)?$/i.exec(text.trim());
  if (match === null) return undefined;
  const power = ["", "K", "M", "G"].indexOf((match[2] ?? "").toUpperCase());
  return Number(match[1]) * 1024 ** power;
}

function table(rows: readonly Row[]): string {
  const names = Object.keys(rows[0] ?? {});
  const lines = [
    names.map((name) => name.toUpperCase()),
    ...rows.map((row) => names.map((n) => cell(row[n]))),
  ];
  const widths = names.map((_, i) => Math.max(...lines.map((line) => (line[i] ?? "").length)));
  return lines
    .map((line) =>
      line
        .map((text, i) => text.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function cell(value: Row[string] | undefined): string {
  if (value === null || value === undefined) return "-";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "object" ? value.join(", ") : String(value);
}
