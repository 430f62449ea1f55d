/**
 * The PLAIN mechanism (RFC 4616): one message, `[authzid] NUL authcid NUL passwd` in UTF-8. Whoever logs in
 * acts as himself: an authorization identity must be absent or the same.
 */
import { decodeBase64 } from "./base64.ts";
import { decodeUtf8 } from "./utf8.ts";

export type PlainResult =
  | { readonly kind: "credentials"; readonly login: string; readonly password: string }
  /** Not base64, not UTF-8, not three parts, or a part that must not be empty is. */
  | { readonly kind: "malformed" }
  /** A login that asks to act as somebody else. */
  | { readonly kind: "other-identity" };

/** Reads a client's PLAIN message, base64 as it stood on the line. */
export function readPlain(base64: string): PlainResult {
  const octets = decodeBase64(base64);
  const text = octets === undefined ? undefined : decodeUtf8(octets);
  const [authzid, login, password, ...rest] = text?.split("\0") ?? [];
  if (authzid === undefined || !login || !password || rest.length > 0) return { kind: "malformed" };
  if (authzid !== "" && authzid !== login) return { kind: "other-identity" };
  return { kind: "credentials", login, password };
}
