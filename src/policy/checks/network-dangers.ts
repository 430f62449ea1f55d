/**
 * What makes a trusted network an open relay: an address in it behind which is everybody. That is how container hosts came to relay
 * for the world, for ten years and in every product (relay catalogue R18): some gateway, bridge or proxy put its own
 * address in the place of each client's. Pure; the machine's facts are handed in.
 */
import { isIpv6, overlap, parseCidr, type Cidr, type Ip } from "../../mail/index.ts";
import type { AcceptableDanger, TrustedNetwork } from "./trusted-network.ts";

/** The machine, as far as it matters whose address a client can seem to have. */
export interface MachineFacts {
  /** Of default routes, of both families; absent where they cannot be known. */
  readonly gateways?: readonly Ip[];
  /** Its own. */
  readonly addresses: readonly Ip[];
  /** Those that its interfaces are in; `on` is an interface's name. */
  readonly networks: readonly { readonly on: string; readonly network: Cidr }[];
}

/** An entry that may not be trusted as it stands. */
export interface UnsafeNetwork {
  /** Its place in the list. */
  readonly index: number;
  /** Which dangers, and what to write to accept them. */
  readonly problem: string;
}

/** Addresses that need no second thought; for IPv6 one network of a site. */
const WIDEST_PREFIX = { 4: 24, 6: 64 } as const;

/** Wider than any network that somebody has: nothing accepts that. */
const EVERYBODY_PREFIX = { 4: 7, 6: 15 } as const;

/** Prefixes under which a translator shows all IPv4 addresses (RFC 6052, RFC 8215); 256 of those are a /120. */
const TRANSLATED = ["64:ff9b::/96", "64:ff9b:1::/48"].map(mustBeCidr);
const TRANSLATED_WIDEST_PREFIX = 120;

const LOOPBACK = ["127.0.0.0/8", "::1"].map(mustBeCidr);

/** As they are called by Docker, Podman, CNI plug-ins, libvirt, LXC, LXD, Incus and nerdctl. */
const BRIDGE = /^(?:docker|br-|podman|cni|cbr|flannel|virbr|lxcbr|lxdbr|incusbr|nerdctl)/;

export function unsafeNetworks(
  networks: readonly TrustedNetwork[],
  machine: MachineFacts,
  proxies: readonly Cidr[],
): readonly UnsafeNetwork[] {
  return networks.flatMap((entry, index) => {
    const problem = problemOf(entry, machine, proxies);
    return problem === undefined ? [] : [{ index, problem }];
  });
}

function problemOf(
  { network, accepts }: TrustedNetwork,
  machine: MachineFacts,
  proxies: readonly Cidr[],
): string | undefined {
  if (network.prefix <= EVERYBODY_PREFIX[network.family] || isAllTranslated(network))
    return `${network.text} is everybody; nothing accepts that. Expected the few addresses that cannot log in`;
  const open = dangersOf(network, machine, proxies).filter(({ name }) => !accepts.includes(name));
  if (open.length === 0) return undefined;
  const all = [...new Set([...accepts, ...open.map(({ name }) => name)])];
  return [
    ...open.map(({ what }) => `${network.text} ${what}`),
    `to accept that, write: accepts = ${JSON.stringify(all)}`,
  ].join("; ");
}

interface Danger {
  readonly name: AcceptableDanger;
  /** Goes on after the network: "holds …". */
  readonly what: string;
}

function dangersOf(
  network: Cidr,
  { gateways, addresses, networks }: MachineFacts,
  proxies: readonly Cidr[],
): readonly Danger[] {
  const dangers: Danger[] = [];
  const found = (name: AcceptableDanger, what: string): void => void dangers.push({ name, what });

  if (gateways === undefined)
    found(
      "unknown-gateway",
      "may hold this machine's gateway, which cannot be known on this system",
    );
  for (const ip of gateways ?? [])
    if (network.contains(ip))
      found("default-gateway", `holds ${ip}, the default gateway, behind which may be everybody`);
  const bridges = networks.filter((one) => BRIDGE.test(one.on) && overlap(network, one.network));
  for (const on of new Set(bridges.map((bridge) => bridge.on)))
    found(
      "container-bridge",
      `holds addresses of ${on}, a bridge whose host may stand for everybody`,
    );
  for (const proxy of proxies)
    if (overlap(network, proxy))
      found("proxy", `holds the proxy ${proxy.text} of a listener, which speaks for everybody`);
  const own = addresses.find((ip) => network.contains(ip));
  if (isLoopback(network)) found("this-machine", `holds ${LOOPBACK_WORDS}`);
  else if (own !== undefined) found("this-machine", `holds ${own}, ${OWN_WORDS}`);
  if (isWide(network)) found("wide", `is more than ${WIDE_WORDS[network.family]}`);
  return dangers;
}

const LOOPBACK_WORDS =
  "loopback, from where every program of this machine speaks, also a broken web page";
const OWN_WORDS =
  "this machine itself, from where every program on it speaks, also a broken web page";
const WIDE_WORDS = { 4: "256 addresses", 6: "a /64" } as const;

function isLoopback(network: Cidr): boolean {
  return LOOPBACK.some((block) => overlap(block, network));
}

function isWide(network: Cidr): boolean {
  const translated = TRANSLATED.some((block) => overlap(block, network));
  return network.prefix < (translated ? TRANSLATED_WIDEST_PREFIX : WIDEST_PREFIX[network.family]);
}

/** All of IPv4, or nearly, in other clothes. */
function isAllTranslated(network: Cidr): boolean {
  const IPV4_BITS = 32;
  const widest = 128 - IPV4_BITS + EVERYBODY_PREFIX[4];
  return (
    isIpv6(network.base) &&
    network.prefix <= widest &&
    TRANSLATED.some((block) => overlap(block, network))
  );
}

function mustBeCidr(text: string): Cidr {
  const cidr = parseCidr(text);
  if (cidr === undefined) throw new Error(`${text} is no block`);
  return cidr;
}
