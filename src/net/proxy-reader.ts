/** Reads the PROXY header off the front of a trusted proxy's connection; what follows it stays in the socket. */
import type { Socket } from "node:net";
import type { Ip } from "../mail/index.ts";
import { parseProxyHeader } from "./proxy-header.ts";

export type NamedByProxy =
  | { readonly kind: "client"; readonly client: { readonly ip: Ip; readonly port: number } }
  | { readonly kind: "local" }
  | { readonly kind: "malformed"; readonly problem: string };

/** How long a proxy may take to say whom it brings, in milliseconds. */
const HEADER_MS = 10_000;

/**
 * Calls `done` once, with the socket paused; not at all when the connection ends before. It stays paused so that what
 * follows the header is there for whoever reads next: TLS, too, may come in the same segment.
 */
export function readProxyHeader(socket: Socket, done: (named: NamedByProxy) => void): void {
  let bytes = Buffer.alloc(0);
  const late = setTimeout(() => socket.destroy(), HEADER_MS);
  const drop = (): void => {
    socket.destroy();
  };
  const over = (): void => clearTimeout(late);
  const onData = (chunk: Buffer): void => {
    bytes = Buffer.concat([bytes, chunk]);
    const header = parseProxyHeader(bytes);
    if (header.kind === "more") return;
    clearTimeout(late);
    socket.off("data", onData).off("end", drop).off("error", drop).off("close", over).pause();
    if (header.kind === "malformed") return done(header);
    const rest = bytes.subarray(header.octets);
    if (rest.length > 0) socket.unshift(rest);
    done(
      header.kind === "local"
        ? header
        : { kind: "client", client: { ip: header.ip, port: header.port } },
    );
  };
  socket.on("data", onData).on("end", drop).on("error", drop).on("close", over);
}
