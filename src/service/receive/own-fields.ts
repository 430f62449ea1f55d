/**
 * What only this server may have written of a message: the trace on top of it, Return-Path (RFC 5321 §4.4),
 * Authentication-Results in its name (RFC 8601 §5), and its marks. A stranger's message that brings such fields would have its
 * reader believe the stranger and think that he believes us, so they are taken off. All else stays as it came.
 */
import {
  beginsFolded,
  findFields,
  isAscii,
  parseDomain,
  skipComments,
  withoutPlaces,
  type FieldPlace,
} from "../../mail/index.ts";

/** What is odd about a message, for its reader to sort by. */
export const MARK_FIELD = "X-Gatepost-Mark";

const BLANK_LINE = Buffer.from("\r\n");

/** The content as it may stand below our trace fields; the content itself where nothing is false. It begins with the header section. */
export function withoutFalseFields(
  section: Uint8Array,
  content: Uint8Array,
  hostname: string,
): Uint8Array {
  // Below our fields its first line would go on with the last of them.
  if (beginsFolded(section)) return Buffer.concat([BLANK_LINE, content]);
  return withoutPlaces(content, falseFields(section, hostname));
}

/** In the order in which they stand. */
function falseFields(section: Uint8Array, hostname: string): FieldPlace[] {
  const results = findFields(section, "Authentication-Results").filter((place) =>
    isFalseResult(section, place, hostname),
  );
  const ours = ["Return-Path", MARK_FIELD].flatMap((name) => findFields(section, name));
  return [...results, ...ours].toSorted((one, other) => one.start - other.start);
}

/** A field whose author cannot be read is dropped too: another reader may read our name there. */
function isFalseResult(section: Uint8Array, { body, end }: FieldPlace, hostname: string): boolean {
  const id = authServId(Buffer.from(section.subarray(body, end)).toString("utf8"));
  if (id === undefined) return true;
  const domain = parseDomain(id.replace(/\.+$/, ""));
  return domain === undefined ? !isAscii(id) : domain === hostname;
}

/** RFC 2045 §5.1 token; with other letters than ASCII too, as RFC 8601 §2.5 has it for international mail. */
const TOKEN = /^[^\s\0-\x1f\x7f()<>@,;:\\"/[\]?=]+$/;

/** RFC 8601 §2.2: `[CFWS] authserv-id [CFWS version] [CFWS] ";"`. Undefined when that is not how the field begins. */
function authServId(text: string): string | undefined {
  const start = skipComments(text, 0);
  const written = /^(?:"[^"\\]*"|[^\s;()"]+)/.exec(text.slice(start))?.[0];
  if (written === undefined) return undefined;
  const behind = skipComments(text, start + written.length);
  const version = /^[0-9]*/.exec(text.slice(behind))?.[0] ?? "";
  const next = text[skipComments(text, behind + version.length)];
  if (next !== ";" && next !== undefined) return undefined;
  const id = written.startsWith('"') ? written.slice(1, -1) : written;
  return TOKEN.test(id) ? id : undefined;
}
