/** The servers that Gatepost is tried with, as next hop and as sender. */
import { startExim } from "./exim.ts";
import type { StartPeer } from "./peer.ts";
import { startPostfixPeer } from "./postfix-peer.ts";

export const PEERS: readonly (readonly [string, StartPeer])[] = [
  ["Exim", startExim],
  ["Postfix", startPostfixPeer],
];
