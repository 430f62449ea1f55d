/**
 * A whole receiving site in memory: the real engine, desk, policy and driver, put together as the server does it, over a
 * directory, a store, a journal and a log that can be looked at. Sessions take octets and give back what was said.
 */
import assert from "node:assert/strict";
import { openSmtp, type SmtpParts } from "../../../src/app/smtp.ts";
import { parseIp, type Ip, type SessionFacts } from "../../../src/mail/index.ts";
import { stages } from "../../../src/policy/checks/index.ts";
import { Routing } from "../../../src/policy/routing/index.ts";
import { MemoryWire, type Dialogue } from "../../../src/protocol/dialogue/index.ts";
import { noGreetingDelay } from "../../../src/net/index.ts";
import { ManualClock, openLog, systemRandom } from "../../../src/runtime/index.ts";
import { Bodies } from "../../../src/service/receive/index.ts";
import type { Acceptance, MessageDraft, SessionRecord } from "../../../src/store/index.ts";
import { NO_ACCOUNTS } from "../../support/accounts.ts";
import { domainOf, MemoryDirectory } from "../../support/memory-directory.ts";
import { NO_WAYS_OUT } from "../../support/no-ways-out.ts";

export const HOSTNAME = "mx.local.example";
export const USER = "ann@local.example";
/** Whoever gets mail for this one was relayed to. */
export const VICTIM = "victim@foreign.example";

/** A message that was accepted, octets as characters. */
export interface StoredMessage extends Acceptance {
  readonly headText: string;
  readonly content: string;
}

export class MemorySite {
  readonly directory = new MemoryDirectory()
    .withDomain("local.example")
    .withMailbox("postmaster@local.example", USER, "bob@local.example");
  readonly messages: StoredMessage[] = [];
  readonly notes: SessionRecord[] = [];
  readonly bodies = new Bodies(new ManualClock());
  /** Writes of content into the store, and the octets of all of them. */
  writes = 0;
  octetsWritten = 0;
  /** What the log wrote. */
  logged = "";
  readonly parts: SmtpParts;

  constructor(limits: Partial<SmtpParts["limits"]> = {}) {
    this.parts = {
      random: systemRandom,
      limits: {
        messageOctets: 52_428_800,
        recipients: 1000,
        errors: 20,
        commandLineOctets: 4096,
        transactions: 10_000,
        commandTimeMs: 300_000,
        contentTimeMs: 180_000,
        crowdedTimeMs: 10_000,
        ...limits,
      },
      receive: {
        hostname: HOSTNAME,
        limits: { headerOctets: 262_144, bodies: 500 },
        clock: new ManualClock(),
        log: openLog("info", { write: (line) => void (this.logged += line) }),
        routing: new Routing({
          directory: this.directory,
          postmaster: () => this.directory.mailbox("postmaster", domainOf("local.example")),
        }),
        stages: stages(),
        accounts: NO_ACCOUNTS,
        messages: { openMessage: () => this.#draft() },
        journal: { note: (record) => void this.notes.push(record) },
        bodies: this.bodies,
        greetingDelay: noGreetingDelay,
        ...NO_WAYS_OUT,
        directoryProved: () => undefined,
      },
    };
  }

  /** A client that has been greeted. */
  connect(options: { readonly ip?: string; readonly startTls?: boolean } = {}): MemoryClient {
    return new MemoryClient(this.parts, ipOf(options.ip ?? "192.0.2.9"), options.startTls ?? false);
  }

  /** All facts in the journal, those of accepted messages first. */
  get facts(): SessionFacts[] {
    const records = [...this.messages.map(({ record }) => record), ...this.notes];
    return records.map(({ json }) => JSON.parse(json) as SessionFacts); // the recorder wrote it
  }

  #draft(): MessageDraft {
    const slices: Buffer[] = [];
    return {
      write: (slice) => {
        this.writes++;
        this.octetsWritten += slice.length;
        slices.push(Buffer.from(slice));
        return true;
      },
      commit: (acceptance) => {
        const content = Buffer.concat(slices).toString("latin1");
        const headText = Buffer.from(acceptance.head).toString("utf8");
        this.messages.push({ ...acceptance, content, headText });
        return Promise.resolve({ kind: "committed" });
      },
      abandon: () => {},
    };
  }
}

export class MemoryClient {
  readonly #wire = new MemoryWire();
  readonly #dialogue: Dialogue;

  constructor(parts: SmtpParts, ip: Ip, startTls: boolean) {
    const peer = { ip, port: 4711, listener: "smtp" };
    this.#dialogue = openSmtp(parts, peer, startTls, this.#wire);
    this.#dialogue.start();
    this.#wire.take();
  }

  /** The server has ended the conversation. */
  get closed(): boolean {
    return this.#wire.ended;
  }

  get securing(): boolean {
    return this.#wire.startingTls;
  }

  /** Sends these octets, in these pieces, and resolves to what is said until nothing more is. */
  async send(...pieces: readonly (string | Uint8Array)[]): Promise<string> {
    for (const piece of pieces) {
      this.#dialogue.receive(Buffer.from(typeof piece === "string" ? latin1(piece) : piece));
      await settled();
    }
    return this.#wire.take();
  }

  secure(): void {
    assert.ok(this.#wire.startingTls);
    this.#wire.startingTls = false;
    this.#dialogue.secured({ version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384" });
  }

  hangUp(): void {
    this.#dialogue.closed();
  }
}

/** Characters U+0000 to U+00FF as octets. */
function latin1(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

/** Everything that is ready has happened: nothing here waits for more than promises. */
async function settled(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await Promise.resolve();
}

export function ipOf(text: string): Ip {
  const ip = parseIp(text);
  assert.ok(ip !== undefined, text);
  return ip;
}

/** Lines of a client. */
export function lines(...texts: readonly string[]): string {
  return texts.map((text) => `${text}\r\n`).join("");
}

/** A transaction up to its content. */
export const BEGUN = lines(
  "EHLO client.example",
  "MAIL FROM:<sender@remote.example>",
  `RCPT TO:<${USER}>`,
  "DATA",
);

/** Codes of the replies, the last line of each. */
export function codes(said: string): string[] {
  return [...said.matchAll(/^([0-9]{3}(?: [0-9]\.[0-9]+\.[0-9]+)?) .*\r$/gm)].map(
    ([, code]) => code ?? "",
  );
}

/** A text in all its cuts in two, and octet by octet. */
export function* everyCut(text: string): Generator<string[]> {
  for (let at = 0; at < text.length; at++) yield [text.slice(0, at), text.slice(at)];
  yield text.split("");
}
