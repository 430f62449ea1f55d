/**
 * Is a message itself a report, or an answer that a program gave? Nothing is ever reported about such a message:
 * two servers, or a server and a holiday notice, would write to each other for ever. Linear in the header section,
 * whatever stands in it; a field that occurs several times counts if any of them does.
 */
import {
  findFields,
  foldAscii,
  skipComments,
  type FieldPlace,
  type ReversePath,
} from "../../mail/index.ts";
import { latin1 } from "../dialogue/index.ts";

/** By what it was recognised. */
export type ReportSign =
  | "null reverse-path" // RFC 5321 §4.5.5
  | "Return-Path: <>" // from a server before us that keeps to it, on a message that was handed on with another path
  | "multipart/report" // RFC 6522
  | "Auto-Submitted"; // RFC 3834 §5

export function recogniseReport(
  reversePath: ReversePath,
  section: Uint8Array,
): ReportSign | undefined {
  if (reversePath === null) return "null reverse-path";
  const some = (name: string, is: (body: string) => boolean): boolean =>
    findFields(section, name).some((place) => is(bodyOf(section, place)));
  if (some("Return-Path", isNullPath)) return "Return-Path: <>";
  if (some("Content-Type", isReport)) return "multipart/report";
  if (some("Auto-Submitted", isAnswer)) return "Auto-Submitted";
  return undefined;
}

function bodyOf(section: Uint8Array, { body, end }: FieldPlace): string {
  return latin1(section.subarray(body, end));
}

function isNullPath(body: string): boolean {
  const open = skipComments(body, 0);
  return body[open] === "<" && body[skipComments(body, open + 1)] === ">";
}

/** A report of any kind: delivery, disposition, abuse. Some servers send its second part alone, without the multipart. */
function isReport(body: string): boolean {
  const type = tokenAt(body, 0);
  if (type === undefined || body[type.end] !== "/") return false;
  const subtype = tokenAt(body, type.end + 1);
  return subtype !== undefined && REPORTS.has(`${type.text}/${subtype.text}`);
}

const REPORTS: ReadonlySet<string> = new Set([
  "multipart/report",
  "message/delivery-status",
  "message/global-delivery-status",
  "message/disposition-notification",
  "message/global-disposition-notification",
]);

/**
 * "auto-generated" is a program's own message, as of a timer that found a fault: its owner wants to know that it did not
 * arrive. "no" is a person's. Everything else answers somebody (auto-replied) or was made like it (RFC 5436 auto-notified).
 */
function isAnswer(body: string): boolean {
  const word = tokenAt(body, 0)?.text;
  return word !== undefined && word !== "no" && word !== "auto-generated";
}

interface Token {
  readonly text: string;
  /** Index of what comes behind it, blanks and comments passed over. */
  readonly end: number;
}

/** RFC 2045 §5.1 token, folded to lower case. */
function tokenAt(body: string, from: number): Token | undefined {
  const start = skipComments(body, from);
  const token = /[A-Za-z0-9!#$%&'*+.^_`{|}~-]+/y;
  token.lastIndex = start;
  const text = token.exec(body)?.[0];
  if (text === undefined) return undefined;
  return { text: foldAscii(text), end: skipComments(body, start + text.length) };
}
