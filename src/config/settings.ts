/** A configuration as settings by their dotted keys. */
import { valueAt } from "./overrides.ts";
import type { Config } from "./schema.ts";

/** The value that counts, written or not; undefined: there is no such setting. */
export function settingOf(config: Config, key: string): unknown {
  return valueAt(config, key.split("."));
}

/** The keys of the settings that two configurations have differently, in their order. A list is one setting. */
export function differingSettings(before: Config, after: Config): readonly string[] {
  const [old, now] = [flat(before), flat(after)];
  const keys = [...new Set([...old.keys(), ...now.keys()])].toSorted();
  return keys.filter((key) => shown(old.get(key)) !== shown(now.get(key)));
}

function flat(value: unknown, key = ""): ReadonlyMap<string, unknown> {
  const entries = entriesOf(value);
  if (entries === undefined) return new Map([[key, value]]);
  return new Map(
    entries.flatMap(([name, inner]) => [...flat(inner, key === "" ? name : `${key}.${name}`)]),
  );
}

/** Undefined of what is one value. */
function entriesOf(value: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (value instanceof Map) return [...value].map(([name, inner]) => [String(name), inner]);
  if (typeof value !== "object" || value === null) return undefined;
  return Object.getPrototypeOf(value) === Object.prototype ? Object.entries(value) : undefined;
}

/** With what is in maps and sets. */
function shown(value: unknown): string {
  const text = JSON.stringify(value, (_, inner: unknown) =>
    inner instanceof Map || inner instanceof Set ? [...inner] : inner,
  ) as string | undefined; // of undefined it is undefined
  return text ?? "";
}
