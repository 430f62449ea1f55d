/**
 * The values of RET and ENVID at MAIL, NOTIFY and ORCPT at RCPT (RFC 3461 §4, RFC 6533 §3): read into what they mean
 * and written again. Strict and linear; undefined means that it is not one, and the command is a syntax error.
 */
import {
  type DsnNotify,
  foldAscii,
  isAscii,
  type Notify,
  type OriginalRecipient,
  type ReturnedContent,
} from "../../mail/index.ts";
import { decodeUtf8Address, encodeUtf8Address } from "./utf8-address.ts";
import { decodeXtext, encodeXtext } from "./xtext.ts";

/** RFC 3461 §4.4 and §4.2, in characters as they come. */
export const ENVELOPE_ID_LIMIT = 100;
export const ORIGINAL_RECIPIENT_LIMIT = 500;

/** RFC 3461 §4.1: NEVER, or a list of the others, each once. */
export function readNotify(value: string): Notify | undefined {
  const words = foldAscii(value).split(",");
  if (words.length === 1 && words[0] === "never") return NEVER;
  const said = new Set(words);
  if (said.size !== words.length || !words.every((word) => EVENTS.has(word))) return undefined;
  return { success: said.has("success"), failure: said.has("failure"), delay: said.has("delay") };
}

/** The words an envelope keeps and the wire carries, joined by commas: each once, in one order. */
export function notifyWords({ success, failure, delay }: Notify): readonly DsnNotify[] {
  const words: DsnNotify[] = [];
  if (success) words.push("SUCCESS");
  if (failure) words.push("FAILURE");
  if (delay) words.push("DELAY");
  return words.length === 0 ? ["NEVER"] : words;
}

const NEVER: Notify = { success: false, failure: false, delay: false };
const EVENTS: ReadonlySet<string> = new Set(["success", "failure", "delay"]);

/** RFC 3461 §4.3. */
export function readReturn(value: string): ReturnedContent | undefined {
  return RETURNS.get(foldAscii(value));
}

const RETURNS: ReadonlyMap<string, ReturnedContent> = new Map([
  ["full", "FULL"],
  ["hdrs", "HDRS"],
]);

/** RFC 3461 §4.4: the sender's own name for the transaction. */
export function readEnvelopeId(value: string): string | undefined {
  return value === "" || value.length > ENVELOPE_ID_LIMIT ? undefined : decodeXtext(value);
}

export function formatEnvelopeId(id: string): string {
  return encodeXtext(id);
}

/** RFC 3461 §4.2, RFC 6533 §3; `smtputf8` says whether MAIL had that parameter. */
export function readOriginalRecipient(
  value: string,
  smtputf8: boolean,
): OriginalRecipient | undefined {
  const semicolon = value.indexOf(";");
  const type = foldAscii(value.slice(0, Math.max(0, semicolon)));
  if (value.length > ORIGINAL_RECIPIENT_LIMIT || !ATOM.test(type)) return undefined;
  const encoded = value.slice(semicolon + 1);
  const address = type === "utf-8" ? decodeUtf8Address(encoded, smtputf8) : decodeXtext(encoded);
  return address === undefined || address === "" ? undefined : { type, address };
}

/** Always ASCII, so that it can be sent on with and without SMTPUTF8. */
export function formatOriginalRecipient({ type, address }: OriginalRecipient): string {
  return `${type};${type === "utf-8" ? encodeUtf8Address(address) : encodeXtext(address)}`;
}

/** The ORCPT of an address whose sender gave none: what a server that hands mail on may say for him (RFC 3461 §5.2.1). */
export function originalRecipientOf(address: string): OriginalRecipient {
  return { type: isAscii(address) ? "rfc822" : "utf-8", address };
}

/** RFC 3461 §4.2 addr-type: an atom of RFC 5322. */
const ATOM = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+$/;
