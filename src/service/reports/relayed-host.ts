/**
 * Which host a sample came through. A feedback report names it. Else it is who brought the message to this server, where it came here, for
 * that is our own word; else the first stranger in its Received fields, from the outside in: what stands above was written by hosts of whoever
 * shows it, what stands below the host in question may have made up. All of it is the word of the reporter, by whom reports are counted,
 * and it is enough for a test and for no more. Pure.
 */
import type { Ip } from "../../mail/index.ts";
import type { RelaySample } from "./relay-sample.ts";

/** `isOurs`: no stranger, who might relay. Undefined: it names no other. */
export function relayedHost(
  { source, own, chain }: Pick<RelaySample, "source" | "own" | "chain">,
  isOurs: (ip: Ip) => boolean,
): Ip | undefined {
  // What is named and ours has come out of here: then it is asked who brought it.
  const named = source === undefined ? [...own, ...chain] : [source, ...own];
  return named.find((ip) => ip !== undefined && !isOurs(ip));
}
