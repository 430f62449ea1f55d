/** The parameters behind a path (RFC 5321 §4.1.2 esmtp-param), and what MAIL and RCPT make of them. */
import {
  parseAddress,
  type BodyType,
  type DsnRecipientParameters,
  type DsnSenderParameters,
  type SenderParameters,
} from "../../mail/index.ts";
import {
  decodeXtext,
  notifyWords,
  readEnvelopeId,
  readNotify,
  readOriginalRecipient,
  readReturn,
} from "../dsn/index.ts";
import type { ReplyName } from "./replies.ts";

/** Upper-case keyword to value; no value is "". */
export type Parameters = ReadonlyMap<string, string>;

const NONE: Parameters = new Map();

/**
 * Reads what stands behind the closing ">": nothing, or a blank and parameters, each once. A value may have other letters
 * than ASCII's (RFC 6531 §3.3): ORCPT may, and no other that is known here.
 */
export function readParameters(rest: string): Parameters | ReplyName {
  if (rest === "") return NONE;
  if (!rest.startsWith(" ")) return "malformedParameters";
  const parameters = new Map<string, string>();
  for (const word of rest.split(" ")) {
    if (word === "") continue;
    const match = /^([A-Za-z0-9][A-Za-z0-9-]*)(?:=([\x21-\x3c\x3e-\x7e\xa0-\uffff]+))?$/.exec(word);
    if (match === null) return "malformedParameters";
    const keyword = (match[1] ?? "").toUpperCase();
    if (parameters.has(keyword)) return "malformedParameters";
    parameters.set(keyword, match[2] ?? "");
  }
  return parameters;
}

export interface SenderParameterValues {
  readonly parameters: SenderParameters;
  readonly dsn?: DsnSenderParameters;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What was said at MAIL without any parameter. */
const PLAIN: SenderParameterValues = { parameters: { smtputf8: false } };

const BODY_TYPES: ReadonlyMap<string, BodyType> = new Map([
  ["7BIT", "7BIT"],
  ["8BITMIME", "8BITMIME"],
]);

/**
 * SIZE (RFC 1870 §4), BODY (RFC 6152) and SMTPUTF8 (RFC 6531 §3.4); of who has logged in also RET and ENVID (RFC 3461 §4),
 * AUTH (RFC 4954 §5) and REQUIRETLS (RFC 8689 §2; logins are over TLS).
 */
export function senderParameters(
  given: Parameters,
  loggedIn: boolean,
): SenderParameterValues | ReplyName {
  if (given.size === 0) return PLAIN;
  const parameters: Mutable<SenderParameters> = { smtputf8: false };
  const dsn: Mutable<DsnSenderParameters> = {};
  for (const [keyword, value] of given) {
    const fault = usualParameter(keyword, value, parameters);
    if (fault === undefined) continue;
    if (fault !== "unknownParameter" || !loggedIn) return fault;
    const known = userParameter(keyword, value, parameters, dsn);
    if (known !== undefined) return known;
  }
  return Object.keys(dsn).length === 0 ? { parameters } : { parameters, dsn };
}

/** Sets what the parameter says; the fault when it says nothing. */
function usualParameter(
  keyword: string,
  value: string,
  parameters: Mutable<SenderParameters>,
): ReplyName | undefined {
  switch (keyword) {
    case "SIZE":
      if (!/^[0-9]{1,20}$/.test(value)) return "malformedParameters";
      parameters.size = Number(value);
      return undefined;
    case "BODY": {
      const body = BODY_TYPES.get(value.toUpperCase());
      if (body === undefined) return value === "" ? "malformedParameters" : "unknownParameter"; // BINARYMIME is not offered
      parameters.body = body;
      return undefined;
    }
    case "SMTPUTF8":
      if (value !== "") return "malformedParameters";
      parameters.smtputf8 = true;
      return undefined;
    default:
      return "unknownParameter";
  }
}

function userParameter(
  keyword: string,
  value: string,
  parameters: Mutable<SenderParameters>,
  dsn: Mutable<DsnSenderParameters>,
): ReplyName | undefined {
  switch (keyword) {
    case "REQUIRETLS":
      if (value !== "") return "malformedParameters";
      parameters.requireTls = true;
      return undefined;
    case "RET": {
      const ret = readReturn(value);
      if (ret === undefined) return "malformedParameters";
      dsn.ret = ret;
      return undefined;
    }
    case "ENVID":
      if (readEnvelopeId(value) === undefined) return "malformedParameters";
      dsn.envid = value;
      return undefined;
    case "AUTH":
      // Read and passed over: no client here is trusted to say who wrote its mail, so it is as if it had said <> (RFC 4954 §5).
      return isSubmitter(value) ? undefined : "malformedParameters";
    default:
      return "unknownParameter";
  }
}

/** RFC 4954 §5: a mailbox in xtext, or "<>". */
function isSubmitter(value: string): boolean {
  const text = decodeXtext(value);
  return text === "<>" || (text !== undefined && typeof parseAddress(text) !== "string");
}

/** NOTIFY and ORCPT (RFC 3461 §4) of who has logged in; undefined where nothing is said. Nothing else is known at RCPT. */
export function recipientParameters(
  given: Parameters,
  smtputf8: boolean,
  loggedIn: boolean,
): DsnRecipientParameters | ReplyName | undefined {
  if (given.size === 0) return undefined;
  if (!loggedIn) return "unknownParameter"; // DSN is offered to nobody else
  const dsn: Mutable<DsnRecipientParameters> = {};
  for (const [keyword, value] of given) {
    switch (keyword) {
      case "NOTIFY": {
        const notify = readNotify(value);
        if (notify === undefined) return "malformedParameters";
        dsn.notify = notifyWords(notify);
        break;
      }
      case "ORCPT":
        if (readOriginalRecipient(value, smtputf8) === undefined) return "malformedParameters";
        dsn.orcpt = value;
        break;
      default:
        return "unknownParameter";
    }
  }
  return dsn;
}
