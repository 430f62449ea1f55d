/** Lists as they are while they live, and as they have died. */
import { parseIp, type Ip } from "../../../src/mail/index.ts";
import type { ZoneAnswer, ZoneScript } from "./scripted-dns.ts";

export const LISTED: ZoneAnswer = { codes: ["127.0.0.2"] };
export const CLEAR: ZoneAnswer = {};

/** As RFC 5782 has it: with its test entries and its servers; who is on it is asked of the function. */
export function alive(
  has: (ip: Ip, at: number) => boolean,
  servers: readonly string[] = ["ns1.list.example", "ns2.list.example"],
): ZoneScript {
  return (prefix, at) => {
    if (prefix === "") return { servers };
    if (prefix === "2.0.0.127") return LISTED;
    const ip = addressOf(prefix);
    return ip !== undefined && isSomebodys(ip) && has(ip, at) ? LISTED : CLEAR;
  };
}

/** Neither a test entry nor where canaries are from. */
function isSomebodys(ip: Ip): boolean {
  const [first] = ip.split(".").map(Number);
  return first !== undefined && first !== 127 && first < 224;
}

/** For whatever it is asked. */
export function everything(answer: ZoneAnswer, servers: readonly string[] = []): ZoneScript {
  return (prefix) => (prefix === "" && servers.length > 0 ? { servers } : answer);
}

/** The first until a moment, the second from then on, and so on. */
export function successive(...parts: readonly (readonly [number, ZoneScript])[]): ZoneScript {
  return (prefix, at) => parts.findLast(([from]) => at >= from)?.[1](prefix, at) ?? CLEAR;
}

/** Undefined where it is no address that is asked about. */
function addressOf(prefix: string): Ip | undefined {
  return parseIp(prefix.split(".").toReversed().join("."));
}
