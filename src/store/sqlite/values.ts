/**
 * What stands in a row, checked to be what the schema promises: a database that breaks its own schema is
 * broken, and says so here.
 */
import type { SQLOutputValue } from "node:sqlite";
import { StoreError } from "../index.ts";

/** Values in the order of the statement's columns. */
export type Row = readonly SQLOutputValue[];

type Value = SQLOutputValue | undefined;

export function integer(value: Value): number {
  return typeof value === "number" ? value : wrong(value, "an integer");
}

export function optionalInteger(value: Value): number | undefined {
  return value === null ? undefined : integer(value);
}

export function text(value: Value): string {
  return typeof value === "string" ? value : wrong(value, "a text");
}

export function optionalText(value: Value): string | undefined {
  return value === null ? undefined : text(value);
}

export function octets(value: Value): Uint8Array {
  return value instanceof Uint8Array ? value : wrong(value, "a blob");
}

/** One of these words. */
export function oneOf<Word extends string>(words: readonly Word[], value: Value): Word {
  return words.find((word) => word === value) ?? wrong(value, `one of ${words.join(", ")}`);
}

/** A JSON array of strings, which we wrote ourselves. */
export function texts(value: Value): readonly string[] {
  const list: unknown = JSON.parse(text(value));
  const isList = Array.isArray(list) && list.every((item) => typeof item === "string");
  return isList ? list : wrong(value, "a list of texts");
}

function wrong(value: Value, wanted: string): never {
  throw new StoreError(`the database is damaged: ${wanted} was expected, not ${typeof value}`);
}
