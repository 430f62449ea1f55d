/**
 * What differs between the two sides of a connection: who is at the other end, which part we play in a TLS handshake, and
 * what it means that the other side has sent its last octet.
 */
import type { Socket } from "node:net";
import { connect, TLSSocket, type SecureContext } from "node:tls";
import type { Fields } from "../runtime/index.ts";
import type { Peer } from "./peer.ts";

export interface Role {
  /** Who is at the other end, for the log. */
  readonly peer: Fields;
  /** Begins a handshake over the socket; throws where TLS is not to be had. */
  secure(raw: Socket): TLSSocket;
  /** Whether there is something to say to a side that has sent its last octet: a client reads on, a server has ended the session. */
  readonly answers: boolean;
}

/** The server's: a connection that came to us. */
export function acceptedFrom(
  { ip, listener }: Peer,
  secureContext: (() => SecureContext) | undefined,
): Role {
  return {
    peer: { ip, listener },
    answers: true,
    secure(raw) {
      if (secureContext === undefined)
        throw new Error("TLS was started where there is no certificate");
      return new TLSSocket(raw, { isServer: true, secureContext: secureContext() });
    },
  };
}

/**
 * The client's: a connection that we dialled. Whose certificate it is nobody asks yet, so TLS keeps out who only listens
 * (RFC 7435); this is the place where one who answers in another's name will be found out.
 */
export function dialledTo(
  peer: Fields,
  servername: string | undefined,
  secureContext: SecureContext,
): Role {
  return {
    peer,
    answers: false,
    secure: (socket) =>
      connect({
        socket,
        secureContext,
        rejectUnauthorized: false,
        ...(servername !== undefined && { servername }),
      }),
  };
}
