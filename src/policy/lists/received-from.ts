/**
 * The address in the from clause of a Received field's body: RFC 5321 §4.4, where the server that wrote it puts the client's address
 * into a comment behind the name that the client gave itself, and the forms of servers that write it otherwise. One pass, no
 * backtracking. What could be read in two ways is read in none: the client chooses its name, and may choose one that looks like a comment.
 */
import { parseIp, type Ip } from "../../mail/index.ts";

/** Undefined where it has no from clause, or none with one address. */
export function fromAddress(body: string): Ip | undefined {
  const clause = fromClause(body);
  if (clause === undefined) return undefined;
  const { name, comments } = clause;
  // Exim: an address without a name stands in its place, and the name that was given in the comment.
  if (/^helo=/i.test(comments[0] ?? "")) return addressOf(literal(name));
  const [first = literal(name), second] = comments.flatMap(addressesIn);
  return second === undefined ? addressOf(first) : undefined;
}

/** Reading one is slow beside the rest: of each field at most one is read. */
function addressOf(text: string | undefined): Ip | undefined {
  return text === undefined ? undefined : parseIp(text);
}

interface FromClause {
  readonly name: string;
  /** Without their outer parentheses. */
  readonly comments: readonly string[];
}

/** "from NAME (COMMENT) (COMMENT)", until the next word. */
function fromClause(body: string): FromClause | undefined {
  let at = blanksEnd(body, 0);
  if (body.slice(at, at + 4).toLowerCase() !== "from") return undefined;
  const named = blanksEnd(body, at + 4);
  if (named === at + 4) return undefined;
  at = named;
  // Whatever the client called itself, up to the blank: "[192.0.2.1];" is no address with the clause's end behind it.
  while (at < body.length && !isBlank(body, at)) at++;
  const name = body.slice(named, at);
  const comments: string[] = [];
  for (;;) {
    at = blanksEnd(body, at);
    if (body[at] !== "(") return { name, comments };
    const end = commentEnd(body, at);
    if (end === undefined) return undefined;
    comments.push(body.slice(at + 1, end - 1));
    at = end;
  }
}

/** Behind the parenthesis that closes it; undefined where none does. A backslash makes two readings: then there is none. */
function commentEnd(body: string, from: number): number | undefined {
  let depth = 0;
  for (let at = from; at < body.length; at++) {
    const char = body[at];
    if (char === "\\") return undefined;
    if (char === "(") depth++;
    if (char === ")" && --depth === 0) return at + 1;
  }
  return undefined;
}

/**
 * "mx.example.org [192.0.2.7]", "[192.0.2.7]:4711", "192.0.2.7"; not what the client said: "HELO x", "helo=[192.0.2.7]".
 */
function addressesIn(comment: string): readonly string[] {
  const words = comment.split(/[ \t\r\n]+/).filter((word) => word !== "");
  const [first = ""] = words;
  if (/^(?:helo|ehlo)$/i.test(first)) return [];
  if (words.length === 1 && looksLikeAddress(first)) return [first];
  return words.map(literal).filter((text) => text !== undefined);
}

/** "[192.0.2.7]", "[IPv6:2001:db8::1]", and with a port behind it. */
function literal(word: string): string | undefined {
  const [, inner = ""] = /^\[([^\]]*)\](?::[0-9]{1,5})?$/.exec(word) ?? [];
  const text = inner.replace(/^IPv6:/i, "");
  return looksLikeAddress(text) ? text : undefined;
}

/** The longest is an IPv6 address with an IPv4 one at its end. */
const ADDRESS_LIMIT = 45;

function looksLikeAddress(text: string): boolean {
  if (text.length > ADDRESS_LIMIT) return false;
  return /^[0-9.]+$/.test(text) || (text.includes(":") && /^[0-9a-f.:]+$/i.test(text));
}

function blanksEnd(body: string, from: number): number {
  let at = from;
  while (isBlank(body, at)) at++;
  return at;
}

function isBlank(body: string, at: number): boolean {
  const char = body[at];
  return char === " " || char === "\t" || char === "\r" || char === "\n";
}
