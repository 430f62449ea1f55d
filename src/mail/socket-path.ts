/** Where a Unix socket is in the file system, in one canonical text: two ways of writing it would be two places. */

declare const canonical: unique symbol;

export type SocketPath = string & { readonly [canonical]: "socket path" };

/** Octets of a path that can be connected to: the room in `sun_path` on the BSDs and macOS, four less than on Linux (unix(4)). */
export const SOCKET_PATH_OCTETS = 103;

const NO_PART: ReadonlySet<string> = new Set(["", ".", ".."]);

/** Reads an absolute path without empty parts, "." and ".."; undefined for anything else. */
export function parseSocketPath(text: string): SocketPath | undefined {
  const [root, ...parts] = text.split("/");
  if (root !== "" || parts.length === 0 || parts.some((part) => NO_PART.has(part)))
    return undefined;
  if (/[\p{Cc}\p{Cs}]/u.test(text) || Buffer.byteLength(text) > SOCKET_PATH_OCTETS)
    return undefined;
  return text as SocketPath; // this is what makes it one
}
