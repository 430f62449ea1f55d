/** For tests of published zones: makes them of the text of a list's file, asks an answerer, and reads what comes by another's decoder. */
import assert from "node:assert/strict";
import packet from "dns-packet";
import { parseIp, type Ip } from "../../../src/mail/index.ts";
import {
  Answerer,
  DEFAULT_RULES,
  nonTerminalsOf,
  type AnswerRules,
  type PublishedZone,
  type Source,
} from "../../../src/operate/listing/answering/index.ts";
import type { ListFormat } from "../../../src/policy/lists/index.ts";
import { parsed } from "../../policy/lists/read-file.ts";

export const NOW = Date.UTC(2026, 10, 28);

export const CLIENT = ip("192.0.2.53");

export function ip(text: string): Ip {
  const read = parseIp(text);
  assert.ok(read !== undefined, text);
  return read;
}

/** All that a file says of the list itself. */
export function source(format: ListFormat, lines: string | readonly string[]): Source {
  const { snapshot, refusal } = parsed(format, lines);
  assert.ok(snapshot !== undefined, refusal ?? "");
  return snapshot.datasets.filter(({ subzones }) => subzones.includes(""));
}

export function zone(sources: readonly Source[], more: Partial<PublishedZone> = {}): PublishedZone {
  return {
    origin: "bl.example.org",
    kind: "addresses",
    ns: ["ns1.example.org", "ns2.example.net"],
    contact: "hostmaster.example.org",
    serial: 7,
    refresh: 3600,
    retry: 600,
    expire: 604_800,
    ttl: 2100,
    negativeTtl: 300,
    validUntil: undefined,
    retired: false,
    sources,
    nonTerminals: sources.flat().map(nonTerminalsOf),
    transferTo: [],
    ...more,
  };
}

export function answerer(
  zones: readonly PublishedZone[],
  rules: Partial<AnswerRules> = {},
): Answerer {
  return new Answerer(zones, { ...DEFAULT_RULES, ...rules });
}

export interface Asked {
  readonly type?: packet.RecordType | "ANY";
  readonly edns?: boolean;
  readonly over?: "udp" | "tcp";
  readonly client?: Ip;
  readonly now?: number;
}

export function query(name: string, { type = "A", edns = true }: Asked = {}): Buffer {
  return packet.encode({
    type: "query",
    id: 0x1234,
    flags: packet.RECURSION_DESIRED,
    questions: [{ type: type as packet.RecordType, name, class: "IN" }], // it can ask for ANY too
    ...(edns && {
      additionals: [
        {
          type: "OPT",
          name: ".",
          udpPayloadSize: 1232,
          extendedRcode: 0,
          ednsVersion: 0,
          flags: 0,
          flag_do: false,
          options: [],
        },
      ],
    }),
  });
}

/** A copy of what is answered; undefined: silence. */
export function octetsTo(to: Answerer, asked: Uint8Array, how: Asked = {}): Uint8Array | undefined {
  const { client = CLIENT, over = "udp", now = NOW } = how;
  const length = to.answer(asked, client, over, now);
  return length === 0 ? undefined : to.out.slice(0, length);
}

export function decoded(octets: Uint8Array): packet.DecodedPacket & { rcode: string } {
  // Its types leave out what it gives.
  return packet.decode(Buffer.from(octets)) as packet.DecodedPacket & { rcode: string };
}

/** What is answered in a line: "NOERROR A 127.0.0.2", "NXDOMAIN SOA", "TC", "silence". */
export function said(to: Answerer, name: string, how: Asked = {}): string {
  const octets = octetsTo(to, query(name, how), how);
  return octets === undefined ? "silence" : spelt(octets);
}

export function spelt(octets: Uint8Array): string {
  const { rcode, flag_tc: truncated, answers = [], authorities = [] } = decoded(octets);
  const records = [...answers.map((record) => `${record.type} ${dataOf(record)}`), ...authorities.map(({ type }) => type)]; // prettier-ignore
  return [rcode, ...(truncated ? ["TC"] : []), ...records].join(" ");
}

function dataOf(record: packet.Answer): string {
  if (record.type === "A" || record.type === "NS") return record.data;
  if (record.type === "TXT") return JSON.stringify(String(record.data));
  return "";
}
