/**
 * What commands print: tables for people, JSON for scripts; the same rows in both. A reader that has had enough (`… | head`) ends the
 * command: that is no error.
 */

export type Row = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** Prints rows as an aligned table with a head, or as a JSON array. */
export function printRows(rows: readonly Row[], json: boolean, empty: string): void {
  if (json) print(JSON.stringify(rows, null, 2));
  else if (rows.length === 0) print(empty);
  else print(table(rows));
}

export function print(text: string): void {
  output().write(`${text}\n`);
}

/** Writes and waits until there is room for more. */
export function write(chunk: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => output().write(chunk, () => resolve()));
}

function output(): NodeJS.WriteStream {
  // A worker thread listens too, and only for as long as it runs.
  if (!process.stdout.listeners("error").includes(readerGone))
    process.stdout.on("error", readerGone);
  return process.stdout;
}

function readerGone(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit(); // with the command's exit code, if it has one already
}

/** Characters that a text may have in a line: those of the terminal; as many as there are for a file or a program. */
export function outputWidth(): number {
  return process.stdout.isTTY ? process.stdout.columns : Infinity;
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
  return typeof value === "object" ? value.join(", ") || "-" : String(value);
}

/** "2026-01-31", in UTC, of milliseconds since 1970. */
export function dayText(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
