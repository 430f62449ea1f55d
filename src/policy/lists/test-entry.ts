/**
 * The entry by which whoever asks a list sees that it lives: RFC 5782 §5 has 127.0.0.2 for addresses and TEST for names. Not all lists keep to
 * it, and say themselves which one they have.
 */
import { z } from "zod";
import { parseDomain, parseIp } from "../../mail/index.ts";
import type { ListKind, ListSubject } from "./list.ts";

export const testEntrySchema = z
  .string()
  .min(1)
  .optional()
  .describe("an entry that it always has; left out: 127.0.0.2, and test in a list of names");

/** Undefined: a list of this kind has no such entry. */
export function testEntry(kind: ListKind, text: string): ListSubject | undefined {
  if (kind === "names") {
    const domain = parseDomain(text);
    return domain && { kind: "name", domain };
  }
  const ip = parseIp(text);
  return ip && { kind: "address", ip };
}

/** Undefined also where nothing is written. */
export function readTestEntry(
  kind: ListKind,
  text: string | undefined,
  problem: (key: "test", message: string) => void,
): ListSubject | undefined {
  if (text === undefined) return undefined;
  const entry = testEntry(kind, text);
  const expected = kind === "names" ? "a domain" : "an address";
  if (entry === undefined)
    problem("test", `"${text}" is no entry of a list of ${kind}; expected ${expected}`);
  return entry;
}
