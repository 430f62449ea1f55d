/** Which addresses and ports lead to our own listeners, so that a client of ours never talks to a server of ours. */
import { networkInterfaces } from "node:os";
import { ipReach, isIpv6, parseIp, type Ip } from "../mail/index.ts";

export interface OwnListener {
  readonly address: string;
  readonly port: number;
}

/** A listener on 0.0.0.0 or :: is at each address of this machine of its family. */
export function ownEndpoints(
  listeners: readonly OwnListener[],
  machine: () => readonly Ip[] = machineAddresses,
): (ip: Ip, port: number) => boolean {
  return (ip, port) =>
    listeners.some((listener) => {
      if (listener.port !== port) return false;
      const at = parseIp(listener.address);
      if (at === undefined) return false;
      if (at === ip) return true;
      const wildcard = at === "0.0.0.0" || at === "::";
      if (!wildcard || isIpv6(at) !== isIpv6(ip)) return false;
      return ipReach(ip) === "loopback" || machine().includes(ip);
    });
}

export function machineAddresses(): readonly Ip[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .map(({ address }) => parseIp(address))
    .filter((ip) => ip !== undefined);
}
