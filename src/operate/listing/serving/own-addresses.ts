/**
 * On 0.0.0.0 and :: the system picks the address that an answer comes from, and resolvers drop what comes from another one than they asked. So
 * there each address of the machine has a socket of its own beside that one: the system gives a datagram to whoever is bound to just its address.
 */
import { ipReach, isIpv6, parseCidr, parseIp, type Ip } from "../../../mail/index.ts";
import { machineAddresses, type WantedPort } from "../../../net/index.ts";

/** Addresses of a machine that have a socket of their own, in each thread. */
const ADDRESSES_LIMIT = 64;

const ALL_4 = "0.0.0.0";
const ALL_6 = "::";
const LINK_LOCAL = parseCidr("fe80::/10");

/** The ports, and behind them those of single addresses: none where the system has but one to pick. */
export function withOwnAddresses(
  ports: readonly WantedPort[],
  machine: () => readonly Ip[] = machineAddresses,
): readonly WantedPort[] {
  if (!ports.some(isOnAll)) return ports;
  const all = new Map(ports.map((one) => [keyOf(one), one]));
  for (const wanted of ports.filter(isOnAll)) {
    const own = machine().filter((ip) => isIpv6(ip) === (wanted.address === ALL_6) && isAsked(ip));
    if (own.length < 2) continue;
    for (const address of own.slice(0, ADDRESSES_LIMIT)) {
      const one = { ...wanted, address };
      if (!all.has(keyOf(one))) all.set(keyOf(one), one);
    }
  }
  return [...all.values()];
}

function isOnAll({ address }: WantedPort): boolean {
  const at = parseIp(address);
  return at === ALL_4 || at === ALL_6;
}

/** By others: a link-local address would need its interface, and who asks on loopback is answered from there. */
function isAsked(ip: Ip): boolean {
  return ipReach(ip) !== "loopback" && LINK_LOCAL?.contains(ip) !== true;
}

function keyOf({ address, port }: WantedPort): string {
  return `${address} ${port}`;
}
