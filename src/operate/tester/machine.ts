/** What a test needs of the world, in its own words, so that a scripted one can stand in: connections, names, time, chance. */
import type { Ip } from "../../mail/index.ts";
import type { Clock, Random } from "../../runtime/index.ts";
import type { Connection } from "../relaytest/index.ts";

/** One address and port of a server that is tested. */
export interface Endpoint {
  readonly ip: Ip;
  readonly port: number;
  /** TLS comes before the first octet (RFC 8314 §3.3). */
  readonly implicitTls: boolean;
  /** The host name that led here, for SNI and for people; absent where an address was named. */
  readonly host?: string;
}

/** Why there is no connection, in words. */
export interface NotReached {
  readonly kind: "not reached";
  readonly why: string;
}

export interface Machine {
  /** Does not reject. */
  connect(endpoint: Endpoint): Promise<Connection | NotReached>;
  readonly clock: Clock;
  /** Milliseconds; ends sooner where `stopped` becomes true. */
  sleep(ms: number, stopped?: () => boolean): Promise<void>;
  readonly random: Random;
}

/** Where users hand in their mail (RFC 6409 §3.1; RFC 8314 §3.3), by any of its usual ports: who has not logged in is refused there. */
export function isForUsers({ port, implicitTls }: Endpoint): boolean {
  return implicitTls || port === 587 || port === 2525;
}

export function endpointText({ ip, port }: Endpoint): string {
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}
