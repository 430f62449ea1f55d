/** `--set KEY=VALUE`: a dotted key of the configuration and a TOML value, or plain words where TOML finds none. */
import { parse } from "smol-toml";

export type Table = { [key: string]: unknown };

/** Key path and value; undefined when there is no "=" or no key before it. */
export function parseOverride(text: string): { path: string[]; value: unknown } | undefined {
  const equals = text.indexOf("=");
  const path = text.slice(0, Math.max(0, equals)).trim().split(".");
  if (path.some((part) => !/^[A-Za-z0-9_-]+$/.test(part))) return undefined;
  return { path, value: tomlValue(text.slice(equals + 1).trim()) };
}

/** Sets the value in the table, making the tables on the way. A part that is no table is replaced. */
export function applyOverride(table: Table, path: readonly string[], value: unknown): Table {
  const [first, ...rest] = path;
  if (first === undefined) return table;
  const inner = table[first];
  const next = rest.length === 0 ? value : applyOverride(isTable(inner) ? inner : {}, rest, value);
  return { ...table, [first]: next };
}

/** Undefined where nothing stands. A key that has dots itself, such as a domain, is found too. */
export function valueAt(table: unknown, path: readonly string[]): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return table;
  if (table instanceof Map) return table.get(path.join("."));
  if (!isTable(table)) return undefined;
  return table[path.join(".")] ?? valueAt(table[first], rest);
}

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function tomlValue(text: string): unknown {
  try {
    return parse(`value = ${text}`)["value"];
  } catch {
    return text; // a word without quotes: --set hostname=mx.example.org
  }
}
