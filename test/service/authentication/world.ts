/** Messages as they come to a forwarding server of example.org, in a DNS that a test fills; seen once more by mailauth itself. */
import assert from "node:assert/strict";
import { authenticate, type AuthenticateResult } from "mailauth";
import { headerSectionEnd, parseIp, type Ip } from "../../../src/mail/index.ts";
import { parseName, ScriptedResolver, type DnsName } from "../../../src/protocol/dns/index.ts";
import { Authentication } from "../../../src/service/authentication/index.ts";
import { asked, Lookups } from "../../../src/service/authentication/lookups.ts";
import { Forwards, type SealFacts } from "../../../src/service/receive/forwards.ts";
import { Origins } from "../../../src/service/receive/index.ts";
import { ManualTimer } from "../../support/manual-timer.ts";
import { DOMAIN, RECORDS, SIGNING } from "../signing/site.ts";

export const DEADLINE_MS = 10_000;

export const CLIENT = { ip: ipOf("192.0.2.9"), helo: "client.example", sender: "ann@example.org" };

export function ipOf(text: string): Ip {
  const ip = parseIp(text);
  assert.ok(ip !== undefined);
  return ip;
}

export function nameOf(text: string): DnsName {
  const name = parseName(text);
  assert.ok(name !== undefined);
  return name;
}

export class World {
  readonly resolver = new ScriptedResolver();
  readonly timer = new ManualTimer();
  readonly authentication = new Authentication({
    resolver: this.resolver,
    hostname: "mx.example.org",
    timer: this.timer,
    deadlineMs: DEADLINE_MS,
  });
  readonly forwards = new Forwards({ signing: SIGNING });

  /** The keys of example.org, who sends from 192.0.2.9 alone and asks for refusal of everything else. */
  constructor() {
    for (const [selector, text] of RECORDS) this.txt(`${selector}._domainkey.${DOMAIN}`, text);
    this.txt(DOMAIN, "v=spf1 ip4:192.0.2.9 -all");
    this.txt(`_dmarc.${DOMAIN}`, "v=DMARC1; p=reject");
  }

  txt(name: string, ...texts: readonly string[]): this {
    const records = texts.map((text) => Buffer.from(text, "latin1"));
    this.resolver.has(nameOf(name), "TXT", records);
    return this;
  }

  /** What is found out about a message whose body comes in such slices. */
  async check(message: Uint8Array, client = CLIENT, sliceOctets = 1000) {
    const [section, body] = split(message);
    const check = this.authentication.open(client);
    check.begin(section);
    for (const slice of slices(body, sliceOctets)) check.body(slice);
    return check.finish();
  }

  /** The message as it goes on, and what the journal hears. */
  async forward(
    message: Uint8Array,
    client = CLIENT,
    sliceOctets = 1000,
  ): Promise<{ readonly sent: Buffer; readonly facts: SealFacts }> {
    const origin = new Origins({
      authentication: this.authentication,
      forwards: this.forwards,
      enabled: false,
      privateClients: false,
    }).open([DOMAIN], client);
    assert.ok(origin?.forward !== undefined);
    const [section, body] = split(message);
    const first = body.subarray(0, sliceOctets);
    origin.begin(section, first.slice());
    for (const slice of slices(body.subarray(first.length), sliceOctets)) origin.body(slice);
    const { fields, facts } = await origin.forward.finish();
    return { sent: Buffer.concat([fields, message]), facts };
  }

  /** As mailauth, whole, sees a message. */
  async seen(message: Uint8Array): Promise<AuthenticateResult> {
    return authenticate(Buffer.from(message), {
      ...CLIENT,
      mta: "mx.elsewhere.example",
      disableBimi: true,
      strict: true,
      resolver: asked(new Lookups(this.resolver, 100)),
    });
  }
}

function split(message: Uint8Array): [section: Uint8Array, body: Uint8Array] {
  const end = headerSectionEnd(message);
  return end < 0 ? [message, new Uint8Array(0)] : [message.subarray(0, end), message.subarray(end)];
}

/** In memory that is used again for the next one, as the wire's is. */
function* slices(body: Uint8Array, octets: number): Generator<Uint8Array> {
  const wire = new Uint8Array(octets);
  for (let at = 0; at < body.length; at += octets) {
    const slice = body.subarray(at, at + octets);
    wire.set(slice);
    yield wire.subarray(0, slice.length);
    wire.fill(0);
  }
}
