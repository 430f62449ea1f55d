/**
 * This machine in its network: its addresses, the networks its interfaces are in, the gateways of its default routes. Read
 * when asked, from Linux's tables; elsewhere the gateways cannot be known without starting a program, and that is said,
 * not guessed.
 */
import { readFileSync } from "node:fs";
import { endianness, networkInterfaces } from "node:os";
import { parseCidr, parseIp, type Cidr, type Ip } from "../mail/index.ts";

export interface Machine {
  /** Of default routes, of both families; absent where they cannot be known. */
  readonly gateways?: readonly Ip[];
  /** Its own, of interfaces that are up. */
  readonly addresses: readonly Ip[];
  /** Reached without a gateway, also those of a bridge that nothing is plugged into at the moment. */
  readonly networks: readonly AttachedNetwork[];
}

export interface AttachedNetwork {
  /** The interface's name. */
  readonly on: string;
  readonly network: Cidr;
}

export function machineFacts(
  files = { ipv4: "/proc/net/route", ipv6: "/proc/net/ipv6_route" },
): Machine {
  const own = ownNetworks();
  const addresses = own.map(({ network }) => network.base);
  const ipv4 = textOf(files.ipv4);
  if (ipv4 === undefined) return { addresses, networks: own };
  const routes = [...ipv4Routes(ipv4), ...ipv6Routes(textOf(files.ipv6) ?? "")]; // "": IPv6 is switched off
  return {
    addresses,
    networks: [...own, ...routes.filter(({ gateway }) => gateway === undefined)],
    gateways: routes.flatMap(({ gateway, network }) =>
      gateway !== undefined && network.prefix <= HALF ? [gateway] : [],
    ),
  };
}

/** Half of all addresses: VPNs write a default route as two of these, so as to leave the other one alone. */
const HALF = 1;

export interface Route extends AttachedNetwork {
  readonly gateway?: Ip;
}

/** RTF_GATEWAY: the route goes by a gateway. */
const BY_GATEWAY = 2;

/** /proc/net/route: interface, destination, gateway, flags, three counters, mask; numbers in the machine's own order of octets. */
export function ipv4Routes(table: string, littleEndian = endianness() === "LE"): readonly Route[] {
  const dotted = (hex: string): string => {
    const octets = (hex.match(/../g) ?? []).map((octet) => parseInt(octet, 16));
    return (littleEndian ? octets.toReversed() : octets).join(".");
  };
  return rowsOf(table).flatMap(([on, destination = "", gateway = "", flags, , , , mask = ""]) =>
    route(on, `${dotted(destination)}/${ones(mask)}`, flags, dotted(gateway)),
  );
}

/** /proc/net/ipv6_route: destination, prefix, source, prefix, next hop, metric, two counters, flags, interface. */
export function ipv6Routes(table: string): readonly Route[] {
  const colons = (hex: string): string => (hex.match(/.{4}/g) ?? []).join(":");
  return rowsOf(table).flatMap(([to = "", prefix = "", , , nextHop = "", , , , flags, on]) =>
    route(on, `${colons(to)}/${parseInt(prefix, 16)}`, flags, colons(nextHop)),
  );
}

/** None where the row is no route: a heading, the end of the file. */
function route(on = "", to: string, flags = "", by: string): readonly Route[] {
  const network = parseCidr(to);
  const gateway = parseIp(by);
  if (network === undefined || gateway === undefined) return [];
  return (parseInt(flags, 16) & BY_GATEWAY) === 0
    ? attached(on, network)
    : [{ on, network, gateway }];
}

/** A default route without a gateway (a modem's) attaches nothing in particular. */
function attached(on: string, network: Cidr): readonly Route[] {
  return network.prefix <= HALF ? [] : [{ on, network }];
}

function ones(hex: string): number {
  return parseInt(hex, 16).toString(2).replaceAll("0", "").length;
}

function rowsOf(table: string): readonly (readonly string[])[] {
  return table.split("\n").map((line) => line.trim().split(/\s+/));
}

function ownNetworks(): readonly AttachedNetwork[] {
  return Object.entries(networkInterfaces()).flatMap(([on, addresses = []]) =>
    addresses.flatMap(({ cidr }) => {
      const network = parseCidr(cidr ?? "");
      return network === undefined ? [] : [{ on, network }];
    }),
  );
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined; // not Linux, or hidden from us: then it is not known
  }
}
