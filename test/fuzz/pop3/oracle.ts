/**
 * A second opinion on command lines (RFC 1939 §3, RFC 2449 §3, RFC 5034 §4) and on SASL messages (RFC 4616, RFC 5802 §7): simple,
 * slow and made of expressions, so that it shares no thought with the parsers.
 */
import { isUtf8 } from "node:buffer";

/** A keyword in upper case and its arguments as text. */
export interface Meant {
  readonly verb: string;
  readonly args: readonly (string | undefined)[];
}

const FORMS = [
  /^(STAT|RSET|NOOP|QUIT|CAPA|STLS|UTF8)$/i,
  /^(LIST|UIDL)(?: ([0-9]{1,10}))?$/i,
  /^(RETR|DELE) ([0-9]{1,10})$/i,
  /^(TOP) ([0-9]{1,10}) ([0-9]{1,10})$/i,
  /^(USER|PASS) (.+)$/is,
  /^(APOP)(?: .+)?$/is,
  /^(AUTH) ([^ ]+)(?: ([^ ]*))?$/i,
];

/** What the line means, if anything; `line` has no CRLF and holds octets as characters. */
export function meaning(line: string): Meant | undefined {
  const text = textOf(line);
  if (text === undefined || /[\0-\x1f\x7f]/.test(text)) return undefined;
  for (const form of FORMS) {
    const [, verb, ...args] = form.exec(text) ?? [];
    if (verb !== undefined) return { verb: verb.toUpperCase(), args };
  }
  return undefined;
}

/** Octets as characters to the text that they are in UTF-8. */
export function textOf(octets: string): string | undefined {
  const bytes = Buffer.from(octets, "latin1");
  return isUtf8(bytes) ? bytes.toString("utf8") : undefined;
}

/** The octets behind the one right spelling in base64. */
export function decoded(base64: string): string | undefined {
  const octets = Buffer.from(base64, "base64");
  return octets.toString("base64") === base64 ? octets.toString("latin1") : undefined;
}

export type Misread = "malformed" | "other identity" | "channel binding" | "intercepted";

export function readPlain(message: string): { login: string; password: string } | Misread {
  const [, authzid, login = "", password = ""] =
    /^([^\0]*)\0([^\0]+)\0([^\0]+)$/.exec(textOf(message) ?? "") ?? [];
  if (authzid === undefined) return "malformed";
  return authzid === "" || authzid === login ? { login, password } : "other identity";
}

const NAME = "(?:[^\\0,=]|=2C|=3D)+";
/** None of the letters that mean something else. */
const EXTENSIONS = "(?:,[bd-hj-loqt-uw-zA-Z]=[^\\0,]+)*";
const CLIENT_FIRST = new RegExp(
  `^((?:n|y|p=[A-Za-z0-9.-]+),(?:a=(${NAME}))?,)(n=(${NAME}),r=([!-+\\--~]{1,256})${EXTENSIONS})$`,
);
const CLIENT_FINAL = new RegExp(`^(c=([^,]*),r=([^,]*)${EXTENSIONS}),p=([^,]*)$`);

export interface ScramFirst {
  readonly header: string;
  readonly bare: string;
  readonly login: string;
  readonly nonce: string;
}

export function readScramFirst(message: string): ScramFirst | Misread {
  const text = textOf(message) ?? "";
  const [, header = "", authzid, bare = "", login = "", nonce = ""] = CLIENT_FIRST.exec(text) ?? [];
  if (header === "") return "malformed";
  if (authzid !== undefined && authzid !== login) return "other identity";
  const name = login.replaceAll("=2C", ",").replaceAll("=3D", "=");
  return { header, bare, login: name, nonce };
}

/** RFC 5802 §6: what is wrong with what the client says of channel binding; `exporter` where -PLUS was offered. */
export function bindingFault(
  mechanism: string,
  { header }: ScramFirst,
  exporter: Uint8Array | undefined,
): Misread | undefined {
  if (mechanism === "SCRAM-SHA-256-PLUS")
    return header.startsWith("p=tls-exporter,") ? undefined : "channel binding";
  if (header.startsWith("p=")) return "channel binding";
  return header.startsWith("y") && exporter !== undefined ? "intercepted" : undefined;
}

export interface ScramFinal {
  readonly withoutProof: string;
  readonly proof: string;
}

/** Whether it can follow the first message and this whole nonce. */
export function readScramFinal(
  message: string,
  first: ScramFirst,
  nonce: string,
  exporter: Uint8Array = new Uint8Array(0),
): ScramFinal | Misread {
  const [, withoutProof, binding = "", said = "", base64 = ""] =
    CLIENT_FINAL.exec(textOf(message) ?? "") ?? [];
  const proof = decoded(base64);
  const bound = decoded(binding);
  if (withoutProof === undefined || proof?.length !== 32 || bound === undefined) return "malformed";
  if (said !== nonce) return "malformed";
  const data = first.header.startsWith("p=") ? exporter : new Uint8Array(0);
  const expected = Buffer.concat([Buffer.from(first.header), data]).toString("latin1");
  if (bound !== expected) return "intercepted";
  return { withoutProof, proof };
}
