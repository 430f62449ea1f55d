/** Who is at the other end of a connection, as the network tells it. */
import type { Ip } from "../mail/index.ts";
import type { TlsFacts } from "../protocol/dialogue/index.ts";

export interface Peer {
  readonly ip: Ip;
  readonly port: number;
  /** The name of the listener it came to. */
  readonly listener: string;
  /** The trusted proxy it came through; `ip` is whom it named, or itself: a health check, a client it does not know. */
  readonly proxy?: Ip;
  /** Of a listener with implicit TLS. */
  readonly tls?: TlsFacts;
}
