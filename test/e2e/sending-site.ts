/**
 * A site whose mail leaves: to one server elsewhere that answers as a test says, found in a DNS that a test fills, all on loopback.
 * Bob sends; Ann is the postmaster. Everything ends with the test.
 */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import {
  openDirectory,
  type Administration,
  type DirectorySession,
  type GatepostServer,
} from "../../src/app/index.ts";
import { loadConfig } from "../../src/config/index.ts";
import { explain } from "../../src/operate/journal/index.ts";
import { actOnAll, everyRow, lastCarriers, messageLines } from "../../src/operate/queue/index.ts";
import type { QueueAction, QueueFilter, QueueRow } from "../../src/store/index.ts";
import { DnsServer } from "../net/dns-server.ts";
import { eventually } from "../support/eventually.ts";
import { ScriptedServer, type Script } from "../support/scripted-server.ts";
import { Zone } from "../support/zone.ts";
import { handIn, handInAt, type Letter, type Stranger } from "./letter.ts";
import { ANY_PORTS, newSite, PASSWORD, portOf, USER, type Site } from "./site.ts";
import { Talk } from "./talk.ts";

export const BOB = "bob@local.example";
export const BOBS_PASSWORD = "bob's own";

const PASSWORDS: ReadonlyMap<string, string> = new Map([
  [USER, PASSWORD],
  [BOB, BOBS_PASSWORD],
]);

export interface SendingPlan {
  /** Overrides of the configuration, made when the port of the server elsewhere is known. */
  readonly settings?: (port: number) => readonly string[];
  readonly script?: Script;
  /** What the server finds in the DNS when it starts. */
  readonly zone?: (zone: Zone) => void;
}

export class SendingSite {
  readonly site: Site;
  readonly remote: ScriptedServer;
  readonly zone: Zone;
  /** Beside the server, as a command has it. */
  readonly session: DirectorySession;
  readonly #settings: string[];
  #server: GatepostServer | undefined;

  private constructor(
    site: Site,
    remote: ScriptedServer,
    { zone, session, settings }: Pick<SendingSite, "zone" | "session"> & { settings: string[] },
  ) {
    this.site = site;
    this.remote = remote;
    this.zone = zone;
    this.session = session;
    this.#settings = settings;
  }

  /** foreign.example has its mail server there already; what else is to be found, a test puts into the zone. */
  static async start(t: TestContext, plan: SendingPlan = {}): Promise<SendingSite> {
    const dns = await DnsServer.start(t);
    const zone = new Zone(dns).mx("foreign.example", "10 mx.foreign.example");
    zone.a("mx.foreign.example", "127.0.0.1");
    plan.zone?.(zone);
    const remote = await ScriptedServer.open(t, plan.script);
    const site = await newSite();
    t.after(() => site.remove());
    const settings = [
      ...ANY_PORTS,
      `dns.servers=["127.0.0.1:${dns.port}"]`,
      `delivery.port=${remote.port}`,
      'delivery.private_addresses="allow"',
      ...(plan.settings?.(remote.port) ?? []),
    ];
    const session = await openDirectory(loadConfig(site.file, settings));
    t.after(() => session.close());
    const made = new SendingSite(site, remote, { zone, session, settings });
    await made.change((to) => to.mailboxes.add(BOB, BOBS_PASSWORD));
    await made.serve();
    t.after(() => made.stop());
    return made;
  }

  // ---- The server ----

  /** With other settings on top of those that it has. */
  async serve(...settings: readonly string[]): Promise<void> {
    this.#settings.push(...settings);
    this.#server = await this.site.serve(this.#settings);
  }

  async stop(graceMs = 1000): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await server?.stop(graceMs);
  }

  /** As the server has them now. */
  get settings(): readonly string[] {
    return this.#settings;
  }

  get server(): GatepostServer {
    if (this.#server === undefined) throw new Error("the server is not running");
    return this.#server;
  }

  /** With other settings on top of those that it has. */
  async reload(...settings: readonly string[]): Promise<void> {
    this.#settings.push(...settings);
    await this.server.reload(this.#settings);
  }

  /** As a command does it, beside the server. */
  async change(change: (administration: Administration) => Promise<unknown>): Promise<void> {
    assert.deepEqual(await change(this.session.administration), { kind: "done" });
  }

  // ---- Mail in ----

  /** A client in TLS, logged in. */
  async login(address = BOB): Promise<Talk> {
    const talk = await Talk.toTls(portOf(this.server, "submissions"));
    await talk.reply();
    await talk.ask("EHLO client.example");
    const plain = Buffer.from(`\0${address}\0${passwordOf(address)}`).toString("base64");
    assert.match(await talk.ask(`AUTH PLAIN ${plain}`), /^235 /);
    await talk.ask("EHLO client.example");
    return talk;
  }

  /** Bob sends; the reply. */
  async bobSends(letter: Omit<Letter, "from">): Promise<string> {
    const talk = await this.login();
    const reply = await handIn(talk, { from: BOB, ...letter });
    talk.destroy();
    return reply;
  }

  strangerSends(letter: Letter, stranger?: Stranger): Promise<string> {
    return handInAt(portOf(this.server, "smtp"), letter, stranger);
  }

  // ---- What became of it ----

  /** What is in somebody's mailbox now is fetched, deleted, and given; oldest first. */
  async fetch(address: string): Promise<readonly string[]> {
    const talk = await Talk.to(portOf(this.server, "pop3"));
    await talk.reply();
    await talk.ask(`USER ${address}`);
    assert.match(await talk.ask(`PASS ${passwordOf(address)}`), /^\+OK/);
    const count = Number(/^\+OK (\d+)/.exec(await talk.ask("STAT"))?.[1]);
    const messages: string[] = [];
    for (let number = 1; number <= count; number++) {
      assert.match(await talk.ask(`RETR ${number}`), /^\+OK/);
      messages.push((await talk.block()).replaceAll("\r\n..", "\r\n."));
      assert.match(await talk.ask(`DELE ${number}`), /^\+OK/);
    }
    assert.match(await talk.ask("QUIT"), /^\+OK/);
    talk.destroy();
    return messages;
  }

  /** Waits for a message in somebody's mailbox; it is the only one there. */
  async arrived(address: string): Promise<string> {
    const messages = await eventually(`mail for ${address}`, async () => {
      const there = await this.fetch(address);
      return there.length === 0 ? undefined : there;
    });
    const [message = "", ...others] = messages;
    assert.equal(others.length, 0, others.join("\n"));
    return message;
  }

  async queue(filter: QueueFilter = {}): Promise<readonly QueueRow[]> {
    return Array.fromAsync(everyRow(this.session.queue, filter));
  }

  /** Waits until nothing is in the queue. */
  async settled(): Promise<void> {
    await eventually("an empty queue", async () =>
      (await this.queue()).length === 0 ? true : undefined,
    );
  }

  /** Waits until all of the queue has been tried so often, and waits; what `gatepost queue show` says then. */
  async deferred(attempts = 1): Promise<string> {
    const rows = await eventually(`${attempts} attempts of all in the queue`, async () => {
      const there = await this.queue();
      const ended = there.every((row) => row.attempts >= attempts && row.state.kind === "waiting");
      return there.length > 0 && ended ? there : undefined;
    });
    const [first] = rows;
    assert.ok(first !== undefined);
    const carrierOf = await lastCarriers(this.session.journal, first.message);
    return messageLines(rows, Date.now(), carrierOf).join("\n");
  }

  act(action: QueueAction, filter: QueueFilter = {}): Promise<number> {
    return actOnAll(this.session.queue, action, Date.now(), filter);
  }

  explain(subject: string): Promise<string> {
    return explain(this.session.journal, subject, false);
  }
}

function passwordOf(address: string): string {
  const password = PASSWORDS.get(address);
  if (password === undefined) throw new Error(`${address} is nobody here`);
  return password;
}
