/**
 * A receiving site in memory whose DNS a test writes: strangers' mail comes in real SMTP sessions, and what was said, stored and
 * written down about it is given back.
 */
import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { openSmtp, type SmtpParts } from "../../../src/app/smtp.ts";
import { parseIp, type FactEvent, type Ip, type SessionFacts } from "../../../src/mail/index.ts";
import { stages, type OriginActions } from "../../../src/policy/checks/index.ts";
import type { Caller } from "../../../src/policy/identity/index.ts";
import { MemoryWire } from "../../../src/protocol/dialogue/index.ts";
import { ScriptedResolver } from "../../../src/protocol/dns/index.ts";
import { Authentication } from "../../../src/service/authentication/index.ts";
import { Origins } from "../../../src/service/receive/index.ts";
import { HOSTNAME, lines, MemorySite, USER } from "../../security/support/memory-site.ts";
import { ManualTimer } from "../../support/manual-timer.ts";
import { DEADLINE_MS } from "../authentication/world.ts";
import { writeZone, type Zone } from "./zone.ts";

export { HOSTNAME, USER };

export const ACTIONS: OriginActions = {
  spf: "mark",
  dkim: "ignore",
  dmarc: "honour",
  iprev: "ignore",
  dnsFailure: "unknown",
  trustedSealers: [],
};

export interface Arriving {
  readonly ip?: string;
  readonly helo?: string;
  /** MAIL FROM; "" is the null path. */
  readonly sender?: string;
  readonly to?: readonly string[];
  readonly message?: string | Uint8Array;
  /** Who it is by the certificate that it has shown; by default it has shown none. */
  readonly caller?: Caller;
}

export interface Arrived {
  /** "250 2.0.0", and the words. */
  readonly reply: string;
  /** The message as it was stored, head and content; "" where it was not. */
  readonly stored: string;
  /** Authentication-Results, unfolded; a line for each result. */
  readonly results: readonly string[];
  readonly marks: readonly string[];
  readonly event: (FactEvent & { readonly kind: "origin" }) | undefined;
  readonly facts: SessionFacts;
}

export const LETTER = "From: Ann <ann@author.example>\r\nSubject: Hi\r\n\r\nHello.\r\n";
export const CLIENT_IP = "198.51.100.7";

export class OriginSite {
  readonly resolver = new ScriptedResolver();
  readonly timer = new ManualTimer();
  readonly #actions: OriginActions;
  readonly #origins: Origins;

  constructor(zone: Zone = {}, actions: Partial<OriginActions> = {}, privateClients = true) {
    writeZone(this.resolver, zone);
    this.#actions = { ...ACTIONS, ...actions };
    const { resolver, timer } = this;
    this.#origins = new Origins({
      authentication: new Authentication({
        resolver,
        hostname: HOSTNAME,
        timer,
        deadlineMs: DEADLINE_MS,
      }),
      forwards: { open: () => undefined },
      enabled: true,
      privateClients,
    });
  }

  /** Once a message waits, and whatever has an answer has had it, its time is over. */
  async expire(): Promise<void> {
    await Authentication.load(); // which takes more turns than one waits here
    while (this.timer.pending === 0) await turn();
    for (let turns = 0; turns < 500; turns++) await turn();
    this.timer.advance(DEADLINE_MS);
  }

  async arrive(arriving: Arriving = {}): Promise<Arrived> {
    const { ip = CLIENT_IP, helo = "client.example", sender = "a@author.example" } = arriving;
    const { to = [USER], message = LETTER, caller } = arriving;
    const site = new MemorySite();
    const receive = {
      ...site.parts.receive,
      origins: this.#origins,
      stages: stages({ origin: this.#actions }),
      ...(caller !== undefined && { callers: { peers: () => [], judge: () => ({ caller }) } }),
    };
    const session = new Session({ ...site.parts, receive }, ipOf(ip));
    await session.say("");
    await session.say(lines(`EHLO ${helo}`));
    await session.say(lines(`MAIL FROM:<${sender}>`));
    for (const one of to) assert.match(await session.say(lines(`RCPT TO:<${one}>`)), /^250 /);
    assert.match(await session.say(lines("DATA")), /^354 /);
    const reply = await session.say(asData(message));
    await session.say(lines("QUIT"));
    const [kept] = site.messages;
    const facts = site.facts.find(({ events }) => events.some(({ kind }) => kind === "message"));
    assert.ok(facts !== undefined);
    const stored = kept === undefined ? "" : kept.headText + kept.content;
    return {
      reply: reply.trim(),
      stored,
      results: resultsIn(stored),
      marks: [...stored.matchAll(/^X-Gatepost-Mark: (.*)\r$/gm)].map(([, mark = ""]) => mark),
      event: facts.events.find((event) => event.kind === "origin"),
      facts,
    };
  }
}

/** With a certificate of which nobody thinks anything, unless a test says so. */
const TLS = {
  version: "TLSv1.3",
  cipher: "TLS_AES_256_GCM_SHA384",
  clientCertificates: [Uint8Array.of(1)],
};

class Session {
  readonly #wire = new MemoryWire();
  readonly #dialogue;

  constructor(parts: SmtpParts, ip: Ip) {
    const peer = { ip, port: 4711, listener: "smtp", tls: TLS };
    this.#dialogue = openSmtp(parts, peer, false, this.#wire);
    this.#dialogue.start();
  }

  /** Until a reply is whole. */
  async say(text: string | Uint8Array): Promise<string> {
    if (text.length > 0) this.#dialogue.receive(Buffer.from(text as Uint8Array));
    let said = "";
    for (let turns = 0; turns < 100_000; turns++) {
      said += this.#wire.take();
      if (/^[0-9]{3} .*\r\n$/m.test(said)) return said;
      await turn();
    }
    return assert.fail(`no answer to ${text.slice(0, 40).toString()}`);
  }
}

function asData(message: string | Uint8Array): Uint8Array {
  const text = Buffer.from(message as Uint8Array).toString("latin1");
  const whole = text.endsWith("\r\n") ? text : `${text}\r\n`;
  return Buffer.from(`${whole.replaceAll(/^\./gm, "..")}.\r\n`, "latin1");
}

function resultsIn(stored: string): readonly string[] {
  const field = /^Authentication-Results: mx\.local\.example;([^]*?)\r\n(?![ \t])/m.exec(stored);
  const [, ...results] = field?.[1]?.replace(/^/, ";").split(/;\r\n\t/) ?? [];
  return results.map((result) => result.replaceAll(/\r\n[ \t]/g, " "));
}

export function ipOf(text: string): Ip {
  const ip = parseIp(text);
  assert.ok(ip !== undefined, text);
  return ip;
}
