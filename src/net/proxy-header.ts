/**
 * The PROXY protocol's header, versions 1 and 2: a pure parser. It is only ever asked about bytes from a
 * listed proxy; from anybody else such bytes are an ordinary, and wrong, command.
 */
import { parseIp, type Ip } from "../mail/index.ts";

export type ProxyHeader =
  | { readonly kind: "more" }
  | { readonly kind: "malformed"; readonly problem: string }
  /** The proxy speaks for itself (LOCAL, UNKNOWN): a health check. */
  | { readonly kind: "local"; readonly octets: number }
  | { readonly kind: "client"; readonly ip: Ip; readonly port: number; readonly octets: number };

/** Longest v1 line, CRLF included. */
const V1_LIMIT = 107;
/** Longest v2 header taken: addresses and room for TLVs. */
const V2_LIMIT = 536;
const V2_SIGNATURE = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
const V1_SIGNATURE = [...Buffer.from("PROXY ")];

const MORE: ProxyHeader = { kind: "more" };

/** Reads the header at the front of `bytes`; `octets` says how much of them it was. */
export function parseProxyHeader(bytes: Uint8Array): ProxyHeader {
  if (startsLike(bytes, V2_SIGNATURE)) return parseV2(bytes);
  if (startsLike(bytes, V1_SIGNATURE)) return parseV1(bytes);
  return malformed("neither version 1 nor version 2");
}

/** Whether the bytes so far could grow into, or have, this beginning. */
function startsLike(bytes: Uint8Array, signature: readonly number[]): boolean {
  return signature.every((byte, i) => i >= bytes.length || bytes[i] === byte);
}

function parseV1(bytes: Uint8Array): ProxyHeader {
  const lf = bytes.indexOf(10);
  if (lf < 0) return bytes.length < V1_LIMIT ? MORE : malformed("line too long");
  if (lf >= V1_LIMIT || bytes[lf - 1] !== 13) return malformed("line does not end with CRLF");
  const fields = Buffer.from(bytes.subarray(0, lf - 1))
    .toString("latin1")
    .split(" ");
  const [, family, source, , sourcePort] = fields;
  if (family === "UNKNOWN") return { kind: "local", octets: lf + 1 };
  if (fields.length !== 6 || (family !== "TCP4" && family !== "TCP6"))
    return malformed("expected TCP4 or TCP6 and two addresses and ports");
  const colons = source?.includes(":") ?? false;
  if (colons !== (family === "TCP6")) return malformed("the address is not of the named family");
  return client(source ?? "", sourcePort ?? "", lf + 1);
}

function parseV2(bytes: Uint8Array): ProxyHeader {
  if (bytes.length < 16) return MORE;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const octets = 16 + view.readUInt16BE(14);
  if (octets > V2_LIMIT) return malformed("header too long");
  if (view.length < octets) return MORE;
  const version = view.readUInt8(12) >> 4;
  const command = view.readUInt8(12) & 15;
  if (version !== 2 || command > 1) return malformed("unknown version or command");
  if (command === 0) return { kind: "local", octets };
  return v2Client(view, octets);
}

const STREAM_V4 = 0x11;
const STREAM_V6 = 0x21;

function v2Client(view: Buffer, octets: number): ProxyHeader {
  const family = view.readUInt8(13);
  if (family === STREAM_V4 && octets >= 28) {
    const ip = [...view.subarray(16, 20)].join(".");
    return client(ip, String(view.readUInt16BE(24)), octets);
  }
  if (family === STREAM_V6 && octets >= 52) {
    const groups = Array.from({ length: 8 }, (_, i) => view.readUInt16BE(16 + 2 * i).toString(16));
    return client(groups.join(":"), String(view.readUInt16BE(48)), octets);
  }
  return malformed("expected a TCP connection over IPv4 or IPv6");
}

function client(address: string, portText: string, octets: number): ProxyHeader {
  const ip = address.includes("%") ? undefined : parseIp(address);
  const port = /^[0-9]{1,5}$/.test(portText) ? Number(portText) : NaN;
  if (ip === undefined || !(port <= 65535)) return malformed("bad address or port");
  return { kind: "client", ip, port, octets };
}

function malformed(problem: string): ProxyHeader {
  return { kind: "malformed", problem };
}
