/**
 * POP3 command lines (RFC 1939 §3, RFC 2449 §3): a keyword, then arguments after single spaces. Exactly
 * these forms are commands; what a client meant by any other is not guessed.
 */
import { foldAscii } from "../../mail/index.ts";
import { decodeUtf8 } from "../sasl/index.ts";

/** Commands without arguments. */
const BARE = ["STAT", "RSET", "NOOP", "QUIT", "CAPA", "STLS", "UTF8"] as const;
type BareVerb = (typeof BARE)[number];

export type Command =
  | { [V in BareVerb]: { readonly verb: V } }[BareVerb]
  | { readonly verb: "USER"; readonly name: string }
  | { readonly verb: "PASS"; readonly password: string }
  | { readonly verb: "APOP" }
  | { readonly verb: "AUTH"; readonly mechanism: string; readonly initialResponse?: string }
  | { readonly verb: "LIST" | "UIDL"; readonly number?: number }
  | { readonly verb: "RETR" | "DELE"; readonly number: number }
  | { readonly verb: "TOP"; readonly number: number; readonly lines: number };

export type Verb = Command["verb"];

export type CommandFault = "unknown-command" | "bad-arguments" | "not-utf8";

export type CommandResult =
  | { readonly kind: "command"; readonly command: Command }
  | { readonly kind: "fault"; readonly fault: CommandFault; readonly verb: Verb | "unknown" };

const VERBS = [
  "USER",
  "PASS",
  "APOP",
  "AUTH",
  "LIST",
  "UIDL",
  "RETR",
  "DELE",
  "TOP",
  ...BARE,
] as const;
const KEYWORDS: ReadonlyMap<string, Verb> = new Map(VERBS.map((verb) => [foldAscii(verb), verb]));

/** Reads a line, its CRLF taken off. */
export function parseCommand(line: Uint8Array): CommandResult {
  const text = decodeUtf8(line);
  if (text === undefined) return { kind: "fault", fault: "not-utf8", verb: "unknown" };
  const space = text.indexOf(" ");
  const keyword = space < 0 ? text : text.slice(0, space);
  const verb = KEYWORDS.get(foldAscii(keyword));
  if (verb === undefined) return { kind: "fault", fault: "unknown-command", verb: "unknown" };
  const command = space < 0 ? readArguments(verb, "") : readSpaced(verb, text.slice(space + 1));
  return command === undefined
    ? { kind: "fault", fault: "bad-arguments", verb }
    : { kind: "command", command };
}

/** What stands behind a space: something, and no control characters. */
function readSpaced(verb: Verb, rest: string): Command | undefined {
  return rest === "" || /[\0-\x1f\x7f]/.test(rest) ? undefined : readArguments(verb, rest);
}

function readArguments(verb: Verb, rest: string): Command | undefined {
  switch (verb) {
    case "USER":
      return rest === "" ? undefined : { verb, name: rest };
    case "PASS": // RFC 1939 §7: one argument, and its spaces belong to the password
      return rest === "" ? undefined : { verb, password: rest };
    case "APOP":
      return { verb };
    case "AUTH":
      return readAuth(rest);
    case "LIST":
    case "UIDL":
      return readListing(verb, rest);
    case "RETR":
    case "DELE": {
      const number = readNumber(rest);
      return number === undefined ? undefined : { verb, number };
    }
    case "TOP":
      return readTop(rest);
    default:
      return rest === "" ? { verb } : undefined;
  }
}

/** RFC 4422 §3.1; in ASCII, so that no other letter can become one of these in upper case. */
const MECHANISM = /^[A-Za-z0-9_-]{1,20}$/;

/** RFC 5034 §4: `AUTH mechanism [initial-response]`. */
function readAuth(rest: string): Command | undefined {
  const [mechanism = "", initialResponse, ...more] = rest.split(" ");
  if (!MECHANISM.test(mechanism) || more.length > 0) return undefined;
  const auth = { verb: "AUTH", mechanism: mechanism.toUpperCase() } as const;
  return initialResponse === undefined ? auth : { ...auth, initialResponse };
}

function readListing(verb: "LIST" | "UIDL", rest: string): Command | undefined {
  if (rest === "") return { verb };
  const number = readNumber(rest);
  return number === undefined ? undefined : { verb, number };
}

function readTop(rest: string): Command | undefined {
  const [first, second, ...more] = rest.split(" ");
  const number = readNumber(first ?? "");
  const lines = readNumber(second ?? "");
  if (number === undefined || lines === undefined || more.length > 0) return undefined;
  return { verb: "TOP", number, lines };
}

/** A message number or a count of lines; ten digits are more than any maildrop needs. */
function readNumber(text: string): number | undefined {
  return /^[0-9]{1,10}$/.test(text) ? Number(text) : undefined;
}
