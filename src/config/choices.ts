/** What a setting can be, where that is a closed list, read from the schema itself. */
import { z } from "zod";
import { configSchema } from "./schema.ts";

interface Described {
  readonly properties?: Readonly<Record<string, Described>>;
  readonly type?: unknown;
  readonly enum?: readonly unknown[];
}

let described: Described | undefined;

/** Of a dotted key; empty where the setting is not there, and where it is no word of a list. */
export function settingChoices(key: string): readonly (string | boolean)[] {
  described ??= z.toJSONSchema(configSchema, { io: "input", unrepresentable: "any" }) as Described;
  let at: Described | undefined = described;
  for (const part of key.split(".")) at = at?.properties?.[part];
  if (at?.type === "boolean") return [false, true];
  return (at?.enum ?? []).filter((word) => typeof word === "string");
}
