/**
 * Calls of the system that take many datagrams at once (recvmmsg(2), sendmmsg(2)), which Node's dgram has not: by node:ffi, where this Node
 * has it, on Linux with words of 64 bits, for whose memory datagram-batch.ts is laid out. Everywhere else there are none, and nothing is lost but speed.
 */
import type { WantedPort } from "./listen-error.ts";

const DEFINITIONS = {
  socket: { return: "i32", arguments: ["i32", "i32", "i32"] },
  setsockopt: { return: "i32", arguments: ["i32", "i32", "i32", "pointer", "u32"] },
  inet_pton: { return: "i32", arguments: ["i32", "pointer", "pointer"] },
  bind: { return: "i32", arguments: ["i32", "pointer", "u32"] },
  close: { return: "i32", arguments: ["i32"] },
  recvmmsg: { return: "i32", arguments: ["i32", "pointer", "u32", "i32", "pointer"] },
  sendmmsg: { return: "i32", arguments: ["i32", "pointer", "u32", "i32"] },
} as const;

/** Little-endian, and with the numbers below. */
const ARCHITECTURES = new Set(["x64", "arm64"]);

// Numbers of Linux on them (asm-generic/socket.h, netinet/in.h).
export const AF_INET = 2;
export const AF_INET6 = 10;
const SOCK_DGRAM_NONBLOCK_CLOEXEC = 0o2_004_002;
const [SOL_SOCKET, SO_REUSEPORT] = [1, 15];
const [IPPROTO_IPV6, IPV6_V6ONLY] = [41, 26];

/** Octets of the addresses of sockets. */
const SOCKADDR_OCTETS = { 4: 16, 6: 28 } as const;

/** What is told to the system while a socket is made: a number, an address of a socket, an address in words. It is always there, whatever is collected. */
const MEMORY = new ArrayBuffer(256);
const [ONE, NAME, TEXT] = [0, 64, 128];

export type BatchCalls = NonNullable<Awaited<ReturnType<typeof load>>>;

let loading: ReturnType<typeof load> | undefined;

/** Undefined where there are none. Does not reject. */
export function batchCalls(): Promise<BatchCalls | undefined> {
  return (loading ??= load());
}

async function load() {
  if (process.platform !== "linux" || !ARCHITECTURES.has(process.arch)) return undefined;
  try {
    const { dlopen, getRawPointer } = await import("node:ffi");
    const { lib, functions } = dlopen(null, DEFINITIONS);
    return { ...functions, lib, pointerTo: (memory: ArrayBuffer) => getRawPointer(memory) };
  } catch {
    return undefined; // this Node has none, or was told to have none
  }
}

/** A UDP socket that others can have the port of, too, bound; undefined where it cannot be had: whoever tries it in another way learns why. */
export function batchSocket(calls: BatchCalls, { address, port }: WantedPort): number | undefined {
  const v6 = address.includes(":");
  const family = v6 ? AF_INET6 : AF_INET;
  const [octets, view, at] = [new Uint8Array(MEMORY), new DataView(MEMORY), calls.pointerTo(MEMORY)]; // prettier-ignore
  octets.fill(0);
  view.setUint32(ONE, 1, true);
  view.setUint16(NAME, family, true);
  view.setUint16(NAME + 2, port);
  if (new TextEncoder().encodeInto(address, octets.subarray(TEXT, -1)).read < address.length) return undefined; // prettier-ignore
  const named = calls.inet_pton(family, at + BigInt(TEXT), at + BigInt(NAME + (v6 ? 8 : 4)));
  if (named !== 1) return undefined;
  const socket = calls.socket(family, SOCK_DGRAM_NONBLOCK_CLOEXEC, 0);
  if (socket < 0) return undefined;
  const one = at + BigInt(ONE);
  const set =
    calls.setsockopt(socket, SOL_SOCKET, SO_REUSEPORT, one, 4) === 0 &&
    (!v6 || calls.setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, one, 4) === 0) &&
    calls.bind(socket, at + BigInt(NAME), SOCKADDR_OCTETS[v6 ? 6 : 4]) === 0;
  if (set) return socket;
  calls.close(socket);
  return undefined;
}
