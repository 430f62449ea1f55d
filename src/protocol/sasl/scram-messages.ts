/**
 * SCRAM's messages as texts (RFC 5802 §5, §7). Exactly its grammar is read: values hold neither NUL nor comma, so
 * that a message falls apart at its commas in one way only.
 */
import { decodeBase64 } from "./base64.ts";
import type { SaslFault } from "./exchange.ts";
import { SCRAM_HASH_OCTETS } from "./scram-keys.ts";
import { decodeUtf8 } from "./utf8.ts";

/** Characters of a client's nonce: it comes back in our challenge, which must stay a line of sensible length. */
export const CLIENT_NONCE_LIMIT = 256;

export interface ClientFirst {
  readonly flag: BindingFlag;
  /** Channel binding flag and authorization identity, with the comma behind each. */
  readonly gs2Header: string;
  /** The rest, which both sides sign. */
  readonly bare: string;
  readonly login: string;
  readonly nonce: string;
}

export interface ClientFinal {
  /** The text before the proof, which both sides sign. */
  readonly withoutProof: string;
  /** The gs2 header as the client claims to have sent it, and what it binds to. */
  readonly channelBinding: Uint8Array;
  /** The client's nonce and the server's as one. */
  readonly nonce: string;
  readonly proof: Uint8Array;
}

/**
 * RFC 5802 §6. "none": the client can bind to nothing. "not offered": it could, but thinks that we cannot. Else the type of
 * binding that it uses.
 */
export type BindingFlag = "none" | "not offered" | { readonly type: string };

export function readClientFirst(message: Uint8Array): ClientFirst | SaslFault {
  const text = decodeUtf8(message) ?? "";
  const [flag = "", identity = "", name = "", nonce = "", ...extensions] = text.split(",");
  const binding = readFlag(flag);
  if (binding === undefined) return "malformed";
  const login = readName("n", name);
  if (login === undefined || !isNonce(nonce) || !extensions.every(isExtension)) return "malformed";
  if (identity !== "") {
    const authzid = readName("a", identity);
    if (authzid === undefined) return "malformed";
    if (authzid !== login) return "other-identity";
  }
  const gs2Header = `${flag},${identity},`;
  return {
    flag: binding,
    gs2Header,
    bare: text.slice(gs2Header.length),
    login,
    nonce: nonce.slice(2),
  };
}

/** Undefined when it is none. */
export function readClientFinal(message: Uint8Array): ClientFinal | undefined {
  const text = decodeUtf8(message) ?? "";
  const [binding = "", nonce = "", ...rest] = text.split(",");
  const last = rest.pop() ?? "";
  const proof = last.startsWith("p=") ? decodeBase64(last.slice(2)) : undefined;
  const channelBinding = binding.startsWith("c=") ? decodeBase64(binding.slice(2)) : undefined;
  if (channelBinding === undefined || !nonce.startsWith("r=") || !rest.every(isExtension))
    return undefined;
  if (proof?.length !== SCRAM_HASH_OCTETS) return undefined;
  return {
    withoutProof: text.slice(0, -(last.length + 1)),
    channelBinding,
    nonce: nonce.slice(2),
    proof,
  };
}

/** RFC 5802 §7 gs2-cbind-flag. */
function readFlag(text: string): BindingFlag | undefined {
  if (text === "n") return "none";
  if (text === "y") return "not offered";
  return /^p=[A-Za-z0-9.-]+$/.test(text) ? { type: text.slice(2) } : undefined;
}

/** RFC 5802 §5.1: in a name a comma is written "=2C" and "=" itself "=3D"; any other "=" is an error. */
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["2C", ","],
  ["3D", "="],
]);

/** The name in `a=…` or `n=…`. */
function readName(attribute: "a" | "n", text: string): string | undefined {
  if (!text.startsWith(`${attribute}=`) || text.includes("\0")) return undefined;
  const [beginning = "", ...escaped] = text.slice(2).split("=");
  let name = beginning;
  for (const part of escaped) {
    const character = ESCAPES.get(part.slice(0, 2));
    if (character === undefined) return undefined;
    name += character + part.slice(2);
  }
  return name === "" ? undefined : name;
}

function isNonce(text: string): boolean {
  return text.length <= CLIENT_NONCE_LIMIT + 2 && /^r=[\x21-\x7e]+$/.test(text); // no comma: it was split at them
}

/** RFC 5802 §5.1: letters that have a meaning. `m` announces an extension that we had to know, and we know none. */
const KNOWN_ATTRIBUTES = "acimnprsve";

/** An extension that may be passed over. */
function isExtension(text: string): boolean {
  const [letter = ""] = text;
  return /^[A-Za-z]=[^\0]+$/.test(text) && !KNOWN_ATTRIBUTES.includes(letter);
}
