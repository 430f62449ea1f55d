/** The twelve octets in front (RFC 1035 §4.1.1), and the numbers that stand in questions and answers. */

export const HEADER_OCTETS = 12;

/** In the third octet. */
const RESPONSE = 0x80;
const AUTHORITATIVE = 0x04;
const TRUNCATED = 0x02;
const OPCODE = 0x78;
const RECURSION_DESIRED = 0x01;

export const OPCODE_QUERY = 0;

export const RCODE = {
  noError: 0,
  formErr: 1,
  servFail: 2,
  nxDomain: 3,
  notImp: 4,
  refused: 5,
} as const;

export const TYPE = {
  a: 1,
  ns: 2,
  soa: 6,
  hinfo: 13,
  txt: 16,
  opt: 41,
  ixfr: 251,
  axfr: 252,
  any: 255,
} as const;

export const CLASS_IN = 1;

/** Types of transactions and of their keys, from 249 (TKEY) on; of these only AXFR, IXFR and ANY are questions that are answered. */
export const FIRST_META_TYPE = 249;

export function uint16(octets: Uint8Array, at: number): number {
  return ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
}

/** It asks: an answer is never answered. */
export function isQuery(packet: Uint8Array): boolean {
  return packet.length >= HEADER_OCTETS && ((packet[2] ?? 0) & RESPONSE) === 0;
}

export function opcodeOf(packet: Uint8Array): number {
  return ((packet[2] ?? 0) & OPCODE) >> 3;
}

/** The flags of the answer to a query, without its RCODE. */
export function answerFlags(query: Uint8Array, how: { aa: boolean; tc: boolean }): number {
  const kept = (query[2] ?? 0) & (OPCODE | RECURSION_DESIRED);
  return RESPONSE | kept | (how.aa ? AUTHORITATIVE : 0) | (how.tc ? TRUNCATED : 0);
}
