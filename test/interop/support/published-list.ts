/**
 * A list as its clients meet it: a site publishes it and `gatepost list` makes its entries; unbound is the machine's resolver in between.
 * In a network of the test's own, where clients come from addresses that are public elsewhere.
 */
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { PrivateNetwork } from "./private-network.ts";
import { GATEPOST, startSite, type Site } from "./site.ts";
import { launchUnbound, STUBS_ALONE, type Unbound } from "./unbound.ts";
import { eventually } from "./waiting.ts";

export const RELAYS = "relays.bl.example.org";
export const NAMES = "names.bl.example.org";

/** From which clients come. */
const STRANGERS = ["9.9.9.0/24", "2620:fe::/48"];
export const LISTED = "9.9.9.66";
export const LISTED_V6 = "2620:fe::66";
export const UNLISTED = "9.9.9.5";
export const UNLISTED_V6 = "2620:fe::5";
/** Of senders. */
export const BAD_NAME = "bad.example";
export const GOOD_NAME = "good.example";

/** What is said of those that are listed. */
export const RELAY_TEXT = "open relay, see https://bl.example.org/";
export const NAME_TEXT = "seen in spam";

/** Where the site answers the DNS, on 127.0.0.1. */
export const DNS_PORT = 10_053;

const TTL_S = 1;
const FORGOTTEN_MS = 2000 * TTL_S;

const ZONES = `
[[listing.zone]]
zone = "${RELAYS}"
kind = "addresses"
ns = ["ns1.example.org"]
contact = "dns@example.org"
ttl = ${TTL_S}
negative_ttl = ${TTL_S}
text = "$=, see https://bl.example.org/$"

[[listing.zone]]
zone = "${NAMES}"
kind = "names"
ns = ["ns1.example.org"]
contact = "dns@example.org"
ttl = ${TTL_S}
negative_ttl = ${TTL_S}
`;

export class PublishedList {
  readonly network: PrivateNetwork;
  /** The one that publishes. */
  readonly site: Site;
  readonly #unbound: Unbound;

  private constructor(network: PrivateNetwork, site: Site, unbound: Unbound) {
    this.network = network;
    this.site = site;
    this.#unbound = unbound;
  }

  /** With its entries made. `more`: TOML of the site that publishes. */
  static async open(more = ""): Promise<PublishedList> {
    const network = await PrivateNetwork.open(STRANGERS);
    const stubs = [RELAYS, NAMES].map((zone) => ({ zone, port: DNS_PORT }));
    const unbound = await launchUnbound(STUBS_ALONE, "", { network, stubs });
    const settings = [`listen.dns=[{ address = "127.0.0.1", port = ${DNS_PORT} }]`];
    const site = await startSite({ program: network.program(GATEPOST), more: ZONES + more, settings }); // prettier-ignore
    const list = new PublishedList(network, site, unbound);
    for (const one of [LISTED, LISTED_V6]) await list.add(one, RELAYS, "open relay");
    await list.add(BAD_NAME, NAMES, NAME_TEXT);
    return list;
  }

  /** A site that does not publish it; with this TOML. */
  otherSite(more: string): Promise<Site> {
    return startSite({ program: this.network.program(GATEPOST), more });
  }

  async add(who: string, zone: string, reason: string): Promise<void> {
    await this.#list("add", who, "--zone", zone, "--reason", reason, "--note", "seen");
  }

  /** Whoever asks afterwards hears it: no resolver remembers what was answered before. */
  async remove(...all: readonly string[]): Promise<void> {
    for (const who of all) await this.#list("remove", who, "--why", "mended");
    await setTimeout(FORGOTTEN_MS);
  }

  /** Likewise. */
  async retire(zone: string): Promise<void> {
    await this.#list("retire", zone, "--yes");
    await setTimeout(FORGOTTEN_MS);
  }

  /** Done and served. */
  async #list(...args: readonly string[]): Promise<void> {
    const published = (): number => this.site.log().split('"msg":"list published"').length;
    const before = published();
    const { code, said } = await this.site.gatepost("list", ...args);
    assert.equal(code, 0, said);
    await eventually(
      () => published() > before || undefined,
      () => this.site.log(),
    );
  }

  log(): string {
    return `${this.site.log()}${this.#unbound.log()}`;
  }

  async close(): Promise<void> {
    await Promise.all([this.site.stop(), this.#unbound.stop()]);
    await this.network.close();
  }
}
