/**
 * The header section of what a program wrote: found as programs mean it, and completed as little as can be. Bcc goes; a From
 * that is missing, or names a user of this machine (cron's `root`), becomes the login's own address, because the server lets
 * nobody speak in another's name. Date and Message-ID are the server's.
 */
import { findFields, formatAddress, type Address } from "../../mail/index.ts";
import { readAddresses } from "./addresses.ts";

export interface Sections {
  /** Fields with their line ends; no empty line. */
  readonly header: Uint8Array;
  readonly body: Uint8Array;
}

const LF = 10;

/**
 * Where the fields end: at an empty line, or before the first line that is no field, which many scripts write at once
 * (`echo text | sendmail …`). A line of mbox ("From root Sat …") before them is left out.
 */
export function sectionsOf(content: Uint8Array): Sections {
  const start = lineAt(content, 0).startsWith("From ") ? nextLine(content, 0) : 0;
  for (let at = start; at < content.length; at = nextLine(content, at)) {
    const line = lineAt(content, at);
    const isField = FIELD.test(line) || (at > start && /^[ \t]/.test(line));
    if (isField) continue;
    const bodyStart = line === "" ? nextLine(content, at) : at;
    return { header: content.subarray(start, at), body: content.subarray(bodyStart) };
  }
  return { header: content.subarray(start), body: new Uint8Array(0) };
}

/** RFC 5322 §3.6.8: a name of printable ASCII, and the colon. */
const FIELD = /^[!-9;-~]+[ \t]*:/;

/** The bodies of all fields of this name, unfolded. */
export function fieldTexts(header: Uint8Array, name: string): readonly string[] {
  return findFields(header, name).map(({ body, end }) =>
    Buffer.from(header.subarray(body, end)).toString().replaceAll("\r\n", "").trim(),
  );
}

export function withoutFields(header: Uint8Array, name: string): Uint8Array {
  const kept: Uint8Array[] = [];
  let from = 0;
  for (const { start, end } of findFields(header, name)) {
    kept.push(header.subarray(from, start));
    from = end;
  }
  return Buffer.concat([...kept, header.subarray(from)]);
}

/** With a From by `own`, where there is none or nobody in it has a domain. `name` stands beside it. */
export function withFrom(header: Uint8Array, own: Address, name: string | undefined): Uint8Array {
  const fields = fieldTexts(header, "From");
  const [written] = fields;
  if (written === undefined) return Buffer.concat([fromField(own, name), header]);
  if (fields.length > 1 || !isLocal(written)) return header;
  return Buffer.concat([fromField(own, name ?? written), withoutFields(header, "From")]);
}

function isLocal(text: string): boolean {
  const named = readAddresses(text);
  return typeof named !== "string" && named.every(({ kind }) => kind === "local");
}

/** The name as a quoted string, or as encoded words where it is not ASCII (RFC 2047). */
function fromField(own: Address, name: string | undefined): Uint8Array {
  const words = (name ?? "")
    .replaceAll(/[\x00-\x1f\x7f"<>\\]/g, "")
    .trim()
    .slice(0, NAME_LIMIT);
  const address = formatAddress(own);
  if (words === "") return Buffer.from(`From: ${address}\r\n`);
  return Buffer.from(`From: ${phrase(words)}\r\n <${address}>\r\n`);
}

/** Characters of a display name that is made here. */
const NAME_LIMIT = 100;

/** Characters in one encoded word: at most 75 octets with what stands around them. */
const ENCODED_CHARACTERS = 10;

function phrase(words: string): string {
  if (/^[\x20-\x7e]*$/.test(words)) return `"${words}"`;
  const letters = Array.from(words);
  const encoded: string[] = [];
  for (let i = 0; i < letters.length; i += ENCODED_CHARACTERS) {
    const part = letters.slice(i, i + ENCODED_CHARACTERS).join("");
    encoded.push(`=?UTF-8?B?${Buffer.from(part).toString("base64")}?=`);
  }
  return encoded.join("\r\n ");
}

function lineAt(content: Uint8Array, at: number): string {
  const end = nextLine(content, at);
  return Buffer.from(content.subarray(at, Math.min(end, at + LINE_LOOKED_AT)))
    .toString("latin1")
    .replace(/\r\n$/, "");
}

/** Octets of a line that decide what it is; a name that goes on for longer is none. */
const LINE_LOOKED_AT = 1000;

function nextLine(content: Uint8Array, from: number): number {
  const end = content.indexOf(LF, from);
  return end < 0 ? content.length : end + 1;
}
