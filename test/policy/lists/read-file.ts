/** For tests of lists' files: reads a text, and asks what it says. */
import assert from "node:assert/strict";
import {
  ListParser,
  ListReader,
  type ListFormat,
  type ParsedList,
} from "../../../src/policy/lists/index.ts";
import { subjectOf } from "../../fuzz/list-file/made-file.ts";

export function parsed(
  format: ListFormat | "auto",
  text: string | readonly string[],
  entriesLimit?: number,
): ParsedList {
  const parser = new ListParser(format, entriesLimit);
  parser.push(new TextEncoder().encode(typeof text === "string" ? text : text.join("\n")));
  return parser.end();
}

/** "127.0.0.2 text", or "clear": what a file without a fault says. */
export function said(
  format: ListFormat | "auto",
  text: string | readonly string[],
  who: string,
  subzone = "",
): string {
  const { snapshot, problems, refusal } = parsed(format, text);
  assert.deepEqual([problems, refusal], [[], undefined]);
  assert.ok(snapshot !== undefined);
  const reader = new ListReader(snapshot, subzone);
  const subject = subjectOf(who);
  assert.ok(subject !== undefined, who);
  const found =
    subject.kind === "address" ? reader.address(subject.ip) : reader.name(subject.domain);
  if (found === undefined) return "clear";
  return [...found.codes, ...found.texts].join(" ");
}

/** What is wrong with it: the refusal, or each line and why. */
export function faults(format: ListFormat | "auto", text: string | readonly string[]): string[] {
  const { problems, refusal } = parsed(format, text);
  if (refusal !== undefined) return [refusal];
  return problems.map(({ line, reason }) => `${line}: ${reason}`);
}
