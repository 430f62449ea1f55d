/** A site that publishes a list and tests who is reported, with its commands and its name server; and hosts that it tests. All on loopback. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { GatepostServer, SERVER_PARTS } from "../../src/app/index.ts";
import { loadConfig } from "../../src/config/index.ts";
import { silentLog, type Fields, type Log } from "../../src/runtime/index.ts";
import type { Store } from "../../src/store/index.ts";
import { openSqliteStore } from "../../src/store/sqlite/index.ts";
import { DnsQuestions } from "../interop/support/dns-questions.ts";
import { DnsServer } from "../net/dns-server.ts";
import { eventually } from "../support/eventually.ts";
import { Zone } from "../support/zone.ts";
import { RelayHost, type RelayHostPlan } from "./relay-host.ts";
import { ANY_PORTS, newSite, portOf, type Site } from "./site.ts";

const GATEPOST = join(import.meta.dirname, "../../bin/gatepost");
export const ZONE = "relays.bl.example.org";
export const OUTPUTS = "outputs.bl.example.org";

const LIST = (zone: string): string => `
[[listing.zone]]
zone = "${zone}"
kind = "addresses"
ns = ["ns1.example.org"]
contact = "hostmaster@example.org"
`;

export interface PublisherPlan {
  readonly host?: Partial<RelayHostPlan>;
  /** TOML behind the tables that each has. */
  readonly listing?: string;
  readonly suspects?: string;
  /** Runs beside it from the start; not otherwise. */
  readonly serves?: false;
}

/** A log line of one event. */
export type Line = Fields & { readonly event: string };

export class Publisher {
  readonly site: Site;
  readonly host: RelayHost;
  readonly lines: Line[] = [];
  readonly store: Store;
  readonly #settings: readonly string[];
  #server: GatepostServer | undefined;

  private constructor(site: Site, host: RelayHost, store: Store, settings: readonly string[]) {
    this.site = site;
    this.host = host;
    this.store = store;
    this.#settings = settings;
  }

  static async open(t: TestContext, plan: PublisherPlan = {}): Promise<Publisher> {
    const site = await newSite();
    t.after(() => site.remove());
    const host = await RelayHost.open(t, { address: "127.0.0.77", ...plan.host });
    const dns = await DnsServer.start(t);
    new Zone(dns).mx("tests.local.example", "10 mx.local.example");
    const suspects = `[suspects]\nzone = "${ZONE}"\nports = [${host.port}]\n${plan.suspects ?? ""}\n`;
    const listing = `[listing]\nspecial_ranges = true\n${plan.listing ?? ""}\n`;
    const tester = '[tester]\ndomain = "tests.local.example"\n';
    appendFileSync(site.file, [tester, listing, LIST(ZONE), LIST(OUTPUTS), suspects].join("\n"));
    const settings = [...ANY_PORTS, 'listen.dns=[{ address = "127.0.0.1", port = 0 }]', `dns.servers=["127.0.0.1:${dns.port}"]`]; // prettier-ignore
    const { storePath } = loadConfig(site.file, settings);
    const store = await openSqliteStore({ path: storePath, exclusive: false });
    t.after(() => store.close());
    const publisher = new Publisher(site, host, store, settings);
    t.after(() => publisher.stop());
    if (plan.serves !== false) await publisher.serve();
    return publisher;
  }

  async serve(): Promise<void> {
    const note = (event: string, fields: Fields = {}): void => void this.lines.push({ ...fields, event }); // prettier-ignore
    const log: Log = { ...silentLog, info: note, warn: note, error: note };
    const loaded = loadConfig(this.site.file, this.#settings);
    this.#server = await GatepostServer.start(loaded, log, SERVER_PARTS);
    this.host.siteAt = portOf(this.#server, "smtp");
  }

  get server(): GatepostServer {
    return this.#server ?? assert.fail("it is not running");
  }

  async reload(...settings: readonly string[]): Promise<void> {
    await this.server.reload([...this.#settings, ...settings]);
  }

  async stop(graceMs = 0): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await server?.stop(graceMs);
  }

  /** `gatepost list …` as a program. */
  async run(...args: readonly string[]) {
    const all = ["list", ...args, "--config", this.site.file];
    const child = spawn(GATEPOST, all, { cwd: this.site.dir, stdio: ["ignore", "pipe", "pipe"] });
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]); // prettier-ignore
    return { out, err, code: child.exitCode };
  }

  async done(...args: readonly string[]): Promise<string> {
    const { out, err, code } = await this.run(...args);
    assert.deepEqual([code, err], [0, ""], args.join(" "));
    return out;
  }

  async report(): Promise<void> {
    await this.done("report", this.host.address, "--note", "a relay");
  }

  /** Waits for such a line about the host, after those that were there. */
  line(event: string, after = 0): Promise<Line> {
    return eventually(`"${event}"`, () =>
      this.lines
        .slice(after)
        .find((line) => line.event === event && line["ip"] === this.host.address),
    );
  }

  suspect(): Record<string, unknown> {
    const { facts, ...row } = this.store.suspects.find(this.host.address) ?? assert.fail("nobody");
    return { ...(JSON.parse(facts) as object), ...row };
  }

  isListed(zone = ZONE, ip = this.host.address): boolean {
    return this.store.published.find(zone, ip) !== undefined;
  }

  /** What its name server says of an address. */
  async answer(zone = ZONE, ip = this.host.address): Promise<string> {
    const dns = await DnsQuestions.to(this.server.listPorts[0]?.port ?? assert.fail("no port"));
    try {
      const name = `${ip.split(".").toReversed().join(".")}.${zone}`;
      return (await dns.ask([{ name, type: "A" }]))[0] ?? "";
    } finally {
      dns.close();
    }
  }

  answers(wanted: RegExp, zone = ZONE, ip = this.host.address): Promise<true> {
    return eventually(`${ip}: ${wanted}`, async () => wanted.test(await this.answer(zone, ip)) || undefined); // prettier-ignore
  }
}
