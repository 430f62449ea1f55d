/**
 * Networks that may send anywhere without a login, because their operator says so and why. An address alone is weak
 * evidence, so each entry is held against the machine's own situation before it counts (network-dangers.ts).
 */
import type { Cidr, Ip } from "../../mail/index.ts";

export const ACCEPTABLE_DANGERS = [
  "default-gateway",
  "unknown-gateway",
  "container-bridge",
  "proxy",
  "this-machine",
  "wide",
] as const;

/** What an entry may accept by name. */
export type AcceptableDanger = (typeof ACCEPTABLE_DANGERS)[number];

export interface TrustedNetwork {
  readonly network: Cidr;
  /** The operator's words: who is there, and why they cannot log in. */
  readonly reason: string;
  /** Dangers of this entry that the operator knows and accepts. */
  readonly accepts: readonly AcceptableDanger[];
}

/** The first entry that holds the address. An `Ip` is canonical, so ::ffff:192.0.2.1 and 192.0.2.1 are one. */
export function trustedNetwork(
  networks: readonly TrustedNetwork[],
  ip: Ip,
): TrustedNetwork | undefined {
  return networks.find(({ network }) => network.contains(ip));
}
