/** The parameters behind a path (RFC 5321 §4.1.2 esmtp-param), and what MAIL makes of them. */
import type { BodyType, SenderParameters } from "../../mail/index.ts";
import type { ReplyName } from "./replies.ts";

/** Upper-case keyword to value; no value is "". */
export type Parameters = ReadonlyMap<string, string>;

const NONE: Parameters = new Map();

/** Reads what stands behind the closing ">": nothing, or a blank and parameters, each once. */
export function readParameters(rest: string): Parameters | ReplyName {
  if (rest === "") return NONE;
  if (!rest.startsWith(" ")) return "malformedParameters";
  const parameters = new Map<string, string>();
  for (const word of rest.split(" ")) {
    if (word === "") continue;
    const match = /^([A-Za-z0-9][A-Za-z0-9-]*)(?:=([\x21-\x3c\x3e-\x7e]+))?$/.exec(word);
    if (match === null) return "malformedParameters";
    const keyword = (match[1] ?? "").toUpperCase();
    if (parameters.has(keyword)) return "malformedParameters";
    parameters.set(keyword, match[2] ?? "");
  }
  return parameters;
}

/** What was said at MAIL without any parameter. */
const PLAIN: SenderParameters = { smtputf8: false };

const BODY_TYPES: ReadonlyMap<string, BodyType> = new Map([
  ["7BIT", "7BIT"],
  ["8BITMIME", "8BITMIME"],
]);

/** SIZE (RFC 1870 §4), BODY (RFC 6152) and SMTPUTF8 (RFC 6531 §3.4). */
export function senderParameters(given: Parameters): SenderParameters | ReplyName {
  if (given.size === 0) return PLAIN;
  const parameters: { smtputf8: boolean; size?: number; body?: BodyType } = { smtputf8: false };
  for (const [keyword, value] of given) {
    switch (keyword) {
      case "SIZE":
        if (!/^[0-9]{1,20}$/.test(value)) return "malformedParameters";
        parameters.size = Number(value);
        break;
      case "BODY": {
        const body = BODY_TYPES.get(value.toUpperCase());
        if (body === undefined) return value === "" ? "malformedParameters" : "unknownParameter"; // BINARYMIME is not offered
        parameters.body = body;
        break;
      }
      case "SMTPUTF8":
        if (value !== "") return "malformedParameters";
        parameters.smtputf8 = true;
        break;
      default:
        return "unknownParameter";
    }
  }
  return parameters;
}
