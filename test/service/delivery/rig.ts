/** A delivery on loopback with scripted DNS, small limits, and parcels to hand it. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import {
  formatStatus,
  outcomeKind,
  parseDomain,
  parseIp,
  type Domain,
  type Ip,
  type MessageId,
  type Outcome,
  type RelayGrant,
  type TlsResult,
} from "../../../src/mail/index.ts";
import type { RelayRoute } from "../../../src/policy/routing/index.ts";
import { parseName, ScriptedResolver, type DnsName } from "../../../src/protocol/dns/index.ts";
import { systemClock, systemRandom } from "../../../src/runtime/index.ts";
import {
  openDelivery,
  type Attempt,
  type Delivery,
  type DeliveryDeps,
  type Parcel,
  type ParcelRecipient,
} from "../../../src/service/delivery/index.ts";
import { deliverySchema } from "../../../src/service/delivery/settings.ts";
import type { StoredStsPolicy, StsPolicies } from "../../../src/store/index.ts";
import { MemoryLog } from "../../net/echo.ts";

export const CONTENT = "Subject: x\r\n\r\n.a dot\r\ntext\r\n";

export function ip(text: string): Ip {
  const read = parseIp(text);
  assert.ok(read !== undefined, text);
  return read;
}

export function domain(text: string): Domain {
  const read = parseDomain(text);
  assert.ok(read !== undefined, text);
  return read;
}

export function name(text: string): DnsName {
  const read = parseName(text);
  assert.ok(read !== undefined, text);
  return read;
}

export class Rig {
  readonly dns = new ScriptedResolver();
  readonly log = new MemoryLog();
  readonly tlsResults: TlsResult[] = [];
  readonly routes = new Map<Domain | "*", RelayRoute>();
  readonly delivery: Delivery;

  constructor(
    t: TestContext,
    settings: Readonly<Record<string, unknown>>,
    deps: Partial<DeliveryDeps> = {},
  ) {
    this.delivery = openDelivery(
      deliverySchema.parse({ private_addresses: "allow", next_address_ms: 50, ...settings }),
      {
        resolver: this.dns,
        clock: systemClock,
        random: systemRandom,
        log: this.log,
        hostname: domain("mx.local.example"),
        routes: () => this.routes,
        isOwnAddress: () => false,
        stsPolicies: memoryStsPolicies(),
        tlsResults: { note: (result) => void this.tlsResults.push(result) },
        ...deps,
      },
    );
    t.after(() => this.delivery.close(0));
  }

  /** MX records: "10 mx1 127.0.0.1 ::1"; each name is below the domain. */
  mx(of: string, ...servers: readonly string[]): this {
    const exchanges = servers.map((server) => {
      const [preference = "", host = "", ...addresses] = server.split(" ");
      const exchange = name(host.includes(".") ? host : `${host}.${of}`);
      const v4 = addresses.filter((address) => !address.includes(":")).map(ip);
      const v6 = addresses.filter((address) => address.includes(":")).map(ip);
      if (v4.length > 0) this.dns.has(exchange, "A", v4);
      if (v6.length > 0) this.dns.has(exchange, "AAAA", v6);
      return { preference: Number(preference), exchange };
    });
    this.dns.has(name(of), "MX", exchanges);
    return this;
  }

  /** The record that announces an MTA-STS policy by this id, and the web server that has it. */
  announce(of: string, id: string): this {
    this.dns.has(name(`_mta-sts.${of}`), "TXT", [Buffer.from(`v=STSv1; id=${id};`)]);
    this.dns.has(name(`mta-sts.${of}`), "A", [ip("127.0.0.1")]);
    return this;
  }

  async attempt(to: string | readonly string[], more: Partial<Parcel> = {}): Promise<Attempt> {
    return this.delivery.attempt(parcel(to, more));
  }
}

export function memoryStsPolicies(): StsPolicies {
  const kept = new Map<Domain, StoredStsPolicy>();
  return {
    find: (of) => kept.get(of),
    keep: async (of, policy) => void kept.set(of, policy),
  };
}

export function grant(of: string): RelayGrant {
  return { basis: "login", holder: "alice@local.example", domain: domain(of) } as RelayGrant; // a test may
}

export function recipient(address: string): ParcelRecipient {
  return { forwardPath: address, grant: grant(address.slice(address.lastIndexOf("@") + 1)) };
}

export function parcel(to: string | readonly string[], more: Partial<Parcel> = {}): Parcel {
  const content = Buffer.from(CONTENT);
  return {
    message: "abcdefghjkmn-1" as MessageId, // a test may
    destination: "foreign.example",
    reversePath: "alice@local.example",
    octets: content.length,
    parameters: { smtputf8: false },
    recipients: [to].flat().map(recipient),
    read: (offset, limit) => content.subarray(offset, offset + limit),
    ...more,
  };
}

/** "delivered 250 2.0.0 queued as 1" for each. */
export function words({ outcomes }: Attempt): string[] {
  return outcomes.map(sentence);
}

function sentence(outcome: Outcome): string {
  const doubt = outcome.inDoubt === true ? " in doubt" : "";
  return `${outcomeKind(outcome)}${doubt} ${formatStatus(outcome.status)}`;
}
