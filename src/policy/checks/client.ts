/** Who is at the other end, as far as relaying is concerned: one word of a closed list. */
import { ipReach, type Ip } from "../../mail/index.ts";

export const CLIENT_CLASSES = [
  "public address",
  "private address",
  "loopback",
  /** An address that the operator has named in `relay.networks`. */
  "trusted network",
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
}

export function clientClass({ ip, login, network }: Client): ClientClass {
  if (login !== undefined) return "login";
  if (network !== undefined) return "trusted network";
  switch (ipReach(ip)) {
    case "public":
      return "public address";
    case "private":
      return "private address";
    case "loopback":
      return "loopback";
  }
}
