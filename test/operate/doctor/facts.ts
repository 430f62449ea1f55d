/** A site whose domain is example.org, as tests of the doctor have it. */
import { parseDomain, parseIp, type Domain, type Ip } from "../../../src/mail/index.ts";
import type { DomainFacts } from "../../../src/operate/doctor/index.ts";
import { parseName, type DnsName } from "../../../src/protocol/dns/index.ts";

export function domain(text: string): Domain {
  return must(parseDomain(text), text);
}

export function ip(text: string): Ip {
  return must(parseIp(text), text);
}

export function name(text: string): DnsName {
  return must(parseName(text), text);
}

function must<Value>(value: Value | undefined, text: string): Value {
  if (value === undefined) throw new Error(`not to be read: ${text}`);
  return value;
}

/** Two public addresses, all services on their own ports, no keys for signing. */
export function facts(more: Partial<DomainFacts> = {}): DomainFacts {
  return {
    domain: domain("example.org"),
    hasMailboxes: true,
    hostname: domain("mx.example.org"),
    addresses: [ip("8.8.4.4"), ip("2620:fe::9")],
    ports: new Map([
      ["submissions", 465],
      ["submission", 587],
      ["pop3s", 995],
      ["pop3", 110],
    ]),
    web: new Set(),
    mtaSts: { mode: "testing", max_age_seconds: 604_800 },
    dkimKeys: [],
    certificateKey: Uint8Array.of(0xab, 0xcd),
    ...more,
  };
}
