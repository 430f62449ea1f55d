/** A zone as data, so that several verifiers can be asked about the same one. */
import assert from "node:assert/strict";
import { parseIp } from "../../../src/mail/index.ts";
import {
  parseName,
  type DnsName,
  type FailureReason,
  type RecordType,
  type ScriptedResolver,
} from "../../../src/protocol/dns/index.ts";

export interface Records {
  readonly TXT?: readonly string[];
  readonly A?: readonly string[];
  readonly AAAA?: readonly string[];
  readonly PTR?: readonly string[];
  /** In their order of preference. */
  readonly MX?: readonly string[];
  /** Types that nobody answers for. */
  readonly fails?: readonly [RecordType, FailureReason];
}

export type Zone = Readonly<Record<string, Records>>;

export function writeZone(resolver: ScriptedResolver, zone: Zone): void {
  for (const [name, records] of Object.entries(zone)) {
    const at = nameOf(name);
    const { TXT, A, AAAA, PTR, MX, fails } = records;
    if (TXT !== undefined)
      resolver.has(
        at,
        "TXT",
        TXT.map((text) => Buffer.from(text, "latin1")),
      );
    if (A !== undefined) resolver.has(at, "A", A.map(addressOf));
    if (AAAA !== undefined) resolver.has(at, "AAAA", AAAA.map(addressOf));
    if (PTR !== undefined) resolver.has(at, "PTR", PTR.map(nameOf));
    if (MX !== undefined)
      resolver.has(
        at,
        "MX",
        MX.map((exchange, i) => ({ preference: 10 * i, exchange: nameOf(exchange) })),
      );
    if (fails !== undefined) resolver.fails(at, ...fails);
  }
}

export function nameOf(text: string): DnsName {
  const name = parseName(text);
  assert.ok(name !== undefined, text);
  return name;
}

function addressOf(text: string) {
  const ip = parseIp(text);
  assert.ok(ip !== undefined, text);
  return ip;
}
