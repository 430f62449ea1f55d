/**
 * From a part's octets to a JSON value, in bounded memory and time: how large it becomes, how deep it is and how many
 * values it has is known before a parser builds any of them.
 */
import { gunzipSync } from "node:zlib";
import type { TlsPart } from "./tls-part.ts";
import { Unreadable } from "./unreadable.ts";

/** Octets of a report as JSON. */
export const JSON_OCTETS = 2_097_152;
/** Arrays and objects within one another; a report has six. */
export const JSON_DEPTH = 16;
/** Values, and names of values. */
export const JSON_VALUES = 50_000;

const TOO_LONG = `more than ${JSON_OCTETS} octets of JSON`;

/** Throws `Unreadable`. */
export function jsonValue({ octets, compressed }: TlsPart): unknown {
  const json = compressed ? inflated(octets) : plain(octets);
  checkShape(json);
  return parsed(json);
}

function plain(octets: Uint8Array): Uint8Array {
  if (octets.length > JSON_OCTETS) throw new Unreadable(TOO_LONG);
  return octets;
}

function inflated(octets: Uint8Array): Uint8Array {
  try {
    return gunzipSync(octets, { maxOutputLength: JSON_OCTETS });
  } catch (error) {
    const tooLarge =
      error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    throw new Unreadable(tooLarge ? TOO_LONG : "no gzip");
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Counts what opens and what separates outside of strings; whether it is JSON at all the parser says. */
function checkShape(json: Uint8Array): void {
  let depth = 0;
  let values = 1;
  let quoted = false;
  for (let at = 0; at < json.length; at++) {
    const octet = json[at];
    if (quoted) {
      if (octet === BACKSLASH) at++;
      else if (octet === QUOTE) quoted = false;
    } else if (octet === QUOTE) quoted = true;
    else if (opens(octet)) {
      values++;
      if (++depth > JSON_DEPTH) throw new Unreadable(`JSON deeper than ${JSON_DEPTH}`);
    } else if (closes(octet)) depth--;
    else if (separates(octet)) values++;
    if (values > JSON_VALUES) throw new Unreadable(`more than ${JSON_VALUES} values in the JSON`);
  }
}

function opens(octet: number | undefined): boolean {
  return octet === 0x5b || octet === 0x7b;
}

function closes(octet: number | undefined): boolean {
  return octet === 0x5d || octet === 0x7d;
}

function separates(octet: number | undefined): boolean {
  return octet === 0x2c || octet === 0x3a;
}

function parsed(json: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
  } catch {
    throw new Unreadable("no JSON in UTF-8");
  }
}
