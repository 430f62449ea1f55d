/**
 * What differs between the two sides of a connection: who is at the other end, which part we play in a TLS handshake, and
 * what it means that the other side has sent its last octet.
 */
import type { Socket } from "node:net";
import { connect, TLSSocket, type SecureContext } from "node:tls";
import type { Fields } from "../runtime/index.ts";
import type { Endpoint } from "./endpoint.ts";
import { clientCertificates } from "./client-certificates.ts";
import type { Peer } from "./peer.ts";
import { shownCertificate, type ShownCertificate } from "./shown-certificate.ts";

export interface Role {
  /** Who is at the other end, for the log. */
  readonly peer: Fields;
  /** Begins a handshake over the socket; throws where TLS is not to be had. */
  secure(raw: Socket): TLSSocket;
  /** Whether the certificate will do that was shown in a handshake which has just ended. */
  trusts(secure: TLSSocket): boolean;
  /** DER of what a client showed in it, where clients are asked; its own first. */
  shown(secure: TLSSocket): readonly Uint8Array[];
  /** Whether there is something to say to a side that has sent its last octet: a client reads on, a server has ended the session. */
  readonly answers: boolean;
}

/** What a handshake is made with, for a client that names this server (SNI) or none. Must not throw for a name, whatever it is. */
export type ServerContext = (servername?: string) => SecureContext;

/** The server's: a connection that came to us. `asksCertificate`: of clients; the context must be one that resumes no sessions then. */
export function acceptedFrom(
  { ip, listener }: Peer,
  secureContext: ServerContext | undefined,
  asksCertificate = false,
): Role {
  return {
    peer: { ip, listener },
    answers: true,
    trusts: () => true, // whose it is, the dialogue judges
    shown: (secure) => (asksCertificate ? clientCertificates(secure) : []),
    secure(raw) {
      if (secureContext === undefined)
        throw new Error("TLS was started where there is no certificate");
      return new TLSSocket(raw, {
        isServer: true,
        requestCert: asksCertificate,
        rejectUnauthorized: false, // a client that shows something bad is as good as one that shows nothing
        secureContext: secureContext(),
        SNICallback: (servername, done) => done(null, secureContext(servername)),
      });
    },
  };
}

/**
 * The client's: a connection that we dialled. Unless `trusts` asks whose certificate it is, TLS keeps out who only listens
 * (RFC 7435), not one who answers in another's name.
 */
export function dialledTo(
  peer: Endpoint & { readonly host: string | undefined },
  secureContext: SecureContext,
  trusts: (certificate: ShownCertificate) => boolean = () => true,
): Role {
  const { host: servername } = peer;
  return {
    peer: { ...peer },
    answers: false,
    shown: () => [],
    trusts(secure) {
      try {
        return trusts(shownCertificate(secure));
      } catch {
        return false; // it is whatever the other side likes: what cannot be judged is not trusted
      }
    },
    secure: (socket) =>
      connect({
        socket,
        secureContext,
        rejectUnauthorized: false, // `trusts` decides, before anything is said
        ...("ip" in peer && { host: peer.ip }),
        ...(servername !== undefined && { servername }),
      }),
  };
}
