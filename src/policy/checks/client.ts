/** Who is at the other end, as far as relaying is concerned: one word of a closed list. */
import { ipReach, type Ip, type Peer } from "../../mail/index.ts";

export const CLIENT_CLASSES = [
  "public address",
  "private address",
  "loopback",
  /** An address that the operator has named in `relay.networks`. */
  "trusted network",
  /** A server that the operator knows by its key or by a private authority, and that may relay for some pairs of domains. */
  "peer",
  /** Somebody who has shown a password of a mailbox in this session, from wherever. */
  "login",
] as const;

export type ClientClass = (typeof CLIENT_CLASSES)[number];

export interface Client {
  readonly ip: Ip;
  /** The mailbox's address, `local@domain`. */
  readonly login?: string;
  /** The entry of `relay.networks` that holds the address, as it is written there. */
  readonly network?: string;
  /** Whom the operator has entered by what this client has shown. */
  readonly peer?: Peer;
}

/** Nothing but its address, and perhaps a certificate, says who it is. */
export function isStranger(client: Client): boolean {
  switch (clientClass(client)) {
    case "public address":
    case "private address":
    case "loopback":
      return true;
    case "trusted network":
    case "peer":
    case "login":
      return false;
  }
}

export function clientClass({ ip, login, network, peer }: Client): ClientClass {
  if (login !== undefined) return "login";
  if (network !== undefined) return "trusted network";
  if (peer !== undefined && peer.relays.length > 0) return "peer"; // else it is a stranger like any other
  switch (ipReach(ip)) {
    case "public":
      return "public address";
    case "private":
      return "private address";
    case "loopback":
      return "loopback";
  }
}
