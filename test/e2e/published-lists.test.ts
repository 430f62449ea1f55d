/** A site that publishes a list: what is in its file and in its store is answered, what changes is seen, a bad configuration changes nothing. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { appendFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decode } from "dns-packet";
import { after, before, describe, test } from "node:test";
import { openListAdministration, type GatepostServer } from "../../src/app/index.ts";
import { ConfigError, loadConfig } from "../../src/config/index.ts";
import { addEntry, removeEntry, retireZone, undoChange, type ListingSite, type ListingZone } from "../../src/operate/listing/index.ts"; // prettier-ignore
import { DnsQuestions, type AskedName } from "../interop/support/dns-questions.ts";
import { eventually } from "../support/eventually.ts";
import { ANY_PORTS, newSite, type Site } from "./site.ts";

const ZONE = "relays.bl.example.org";
const SETTINGS = `
[listing]
protected = ["203.0.113.64/26"]
special_ranges = true
[[listing.zone]]
zone = "${ZONE}"
kind = "addresses"
ns = ["ns1.example.org"]
contact = "hostmaster@example.org"
files = ["more.ip4set"]
`;
const OVERRIDES = [...ANY_PORTS, 'listen.dns=[{ address = "127.0.0.1", port = 0 }]'];
const NOT_LISTED = "NXDOMAIN aa";

describe("a site that publishes a list", () => {
  let site: Site;
  let server: GatepostServer;
  let dns: DnsQuestions;

  const file = (name: string): string => join(site.dir, name);

  async function ask(address: string, type: AskedName["type"] = "A"): Promise<string> {
    const name = `${address.split(".").toReversed().join(".")}.${ZONE}`;
    return (await dns.ask([{ name, type }]))[0] ?? "";
  }

  const answers = (address: string, wanted: string): Promise<true> =>
    eventually(`${address}: ${wanted}`, async () => (await ask(address)) === wanted || undefined);

  /** As a command of another process does it. */
  async function act(
    change: (listing: ListingSite, zone: ListingZone) => Promise<unknown>,
  ): Promise<void> {
    const administration = await openListAdministration(loadConfig(site.file));
    const [zone] = administration.site.settings.zone;
    assert.ok(zone !== undefined);
    const done = await change(administration.site, zone);
    assert.notEqual(typeof done, "string", String(done));
    await administration.close();
  }

  before(async () => {
    site = await newSite();
    appendFileSync(site.file, SETTINGS);
    writeFileSync(file("more.ip4set"), ":3:see $\n192.0.2.7\n203.0.113.0/24\n");
    server = await site.serve(OVERRIDES);
    dns = await DnsQuestions.to(server.listPorts[0]?.port ?? assert.fail("no port"));
  });
  after(async () => {
    dns.close();
    await server.stop(1000);
    site.remove();
  });

  test("answers from its file, and never about what is protected", async () => {
    assert.equal(await ask("192.0.2.7"), 'NOERROR aa; A 2100 "127.0.0.3"');
    assert.equal(await ask("192.0.2.7", "TXT"), "NOERROR aa; TXT 2100 see 192.0.2.7");
    assert.equal(await ask("203.0.113.1"), 'NOERROR aa; A 2100 "127.0.0.3"');
    assert.equal(await ask("203.0.113.65"), NOT_LISTED);
    assert.equal(await ask("192.0.2.8"), NOT_LISTED);
  });

  test("an entry that another process makes is served, and is gone when it is removed", async () => {
    const subject = "198.51.100.9";
    await act((listing, zone) =>
      addEntry(listing, {
        zone,
        subject,
        reason: "an open relay",
        evidence: { kind: "note", text: "seen" },
        by: "ann",
        origin: "person",
      }),
    );
    await answers(subject, 'NOERROR aa; A 2100 "127.0.0.2"');
    assert.equal(await ask(subject, "TXT"), "NOERROR aa; TXT 2100 an open relay");
    await act((listing, zone) =>
      removeEntry(listing, { zone, subject, by: "ann", origin: "person", why: "mended" }),
    );
    await answers(subject, NOT_LISTED);
  });

  test("a file that changes is served, one that has a fault is not, and the serial tells", async () => {
    const serial = async (): Promise<number> => {
      const [said = ""] = await dns.ask([{ name: ZONE, type: "SOA" }]);
      return Number(/"serial":(\d+)/.exec(said)?.[1]);
    };
    const first = await serial();
    writeFileSync(file("next"), ":3:see $\n192.0.2.8\n");
    renameSync(file("next"), file("more.ip4set"));
    await answers("192.0.2.8", 'NOERROR aa; A 2100 "127.0.0.3"');
    assert.equal(await ask("192.0.2.7"), NOT_LISTED);
    assert.ok((await serial()) > first);
    writeFileSync(file("next"), "192.0.2.300\n");
    renameSync(file("next"), file("more.ip4set"));
    await assert.rejects(site.serve([...OVERRIDES, `store=sqlite:other.db`]), ConfigError);
    assert.equal(await ask("192.0.2.8"), 'NOERROR aa; A 2100 "127.0.0.3"');
  });

  test("a reload takes other zones, and one that cannot be used changes nothing", async () => {
    const bad = [...OVERRIDES, 'listen.dns=[{ address = "192.0.2.1", port = 0 }]'];
    await assert.rejects(server.reload(bad), /cannot listen on 192\.0\.2\.1/);
    assert.equal(await ask("192.0.2.8"), 'NOERROR aa; A 2100 "127.0.0.3"');
    await server.reload([...OVERRIDES, "listing.protected=['192.0.2.8']"]);
    assert.equal(await ask("192.0.2.8"), NOT_LISTED);
    await server.reload([...OVERRIDES, "listing.zone=[]"]);
    assert.equal(server.listPorts.length, 0);
    writeFileSync(file("more.ip4set"), ":3:see $\n192.0.2.8\n");
    await server.reload(OVERRIDES);
    dns.close();
    dns = await DnsQuestions.to(server.listPorts[0]?.port ?? assert.fail("no port"));
    assert.equal(await ask("192.0.2.8"), 'NOERROR aa; A 2100 "127.0.0.3"');
  });

  test("a combined file is served as it is: its subzones are zones, until the list is retired", async () => {
    const sub = async (name: string, type: AskedName["type"] = "A") => (await dns.ask([{ name: `${name}.${ZONE}`, type }]))[0] ?? ""; // prettier-ignore
    writeFileSync(file("all.combined"), "$DATASET ip4set:a open @\n:4:a $\n192.0.2.40\n192.0.2.8\n10/14\n$DATASET ip4set open multi.hop\n:5:b $\n192.0.2.41\n"); // prettier-ignore
    const zones = `listing.zone=[{ zone = "${ZONE}", kind = "addresses", ns = ["ns1.example.org"], contact = "a@example.org", files = ["all.combined"] }]`; // prettier-ignore
    await server.reload([...OVERRIDES, "listing.protected=['192.0.2.8']", zones]);
    assert.equal(await ask("192.0.2.40"), 'NOERROR aa; A 2100 "127.0.0.4"');
    assert.equal(await ask("192.0.2.41"), NOT_LISTED);
    assert.equal(await sub("40.2.0.192.open", "TXT"), "NOERROR aa; TXT 2100 a 192.0.2.40");
    assert.equal(await sub("41.2.0.192.open"), 'NOERROR aa; A 2100 "127.0.0.5"');
    assert.equal(await sub("41.2.0.192.multi.hop"), 'NOERROR aa; A 2100 "127.0.0.5"');
    assert.equal(await sub("40.2.0.192.multi.hop"), NOT_LISTED);
    assert.equal(await sub("8.2.0.192.open"), NOT_LISTED, "it is protected");
    assert.equal(await sub("1.1.2.10.open"), NOT_LISTED, "it is within a /14");
    assert.equal(await sub("2.0.0.127.multi.hop"), 'NOERROR aa; A 2100 "127.0.0.2"');
    assert.match(await sub("multi.hop", "SOA"), /^NOERROR aa; SOA/);
    assert.equal(await sub("x.hop"), NOT_LISTED);
    await act((listing, zone) => retireZone(listing, zone, { by: "ann", why: "no time" }));
    await eventually("a retired subzone", async () => (await sub("41.2.0.192.open")) === NOT_LISTED || undefined); // prettier-ignore
    assert.equal(await sub("2.0.0.127.multi.hop"), NOT_LISTED);
    await act(async (listing) => {
      const [latest] = await listing.published.changes({ limit: 1 });
      return undoChange(listing, latest?.id ?? 0, "ann");
    });
    await eventually("the zone again", async () => (await sub("41.2.0.192.open")) !== NOT_LISTED || undefined); // prettier-ignore
    await server.reload(OVERRIDES);
    assert.equal(await sub("2.0.0.127.multi.hop"), NOT_LISTED);
  });

  test("a secondary is told at the port that it listens at", async () => {
    const secondary = createSocket("udp4");
    secondary.bind(0, "127.0.0.1");
    await once(secondary, "listening");
    const heard: Buffer[] = [];
    secondary.on("message", (message) => heard.push(message));
    const to = `127.0.0.1:${secondary.address().port}`;
    const zones = `listing.zone=[{ zone = "${ZONE}", kind = "addresses", ns = ["ns1.example.org"], contact = "a@example.org", secondaries = ["${to}"] }]`; // prettier-ignore
    await server.reload([...OVERRIDES, zones]);
    const message = await eventually("NOTIFY", () => heard[0]);
    const { opcode, questions } = decode(message) as ReturnType<typeof decode> & {
      readonly opcode: string;
    }; // the types leave it out
    assert.deepEqual([opcode, questions?.[0]?.name, questions?.[0]?.type], ["NOTIFY", ZONE, "SOA"]);
    secondary.close();
    await server.reload(OVERRIDES);
  });

  test("a list that is retired lists nobody", async () => {
    await act((listing, zone) => retireZone(listing, zone, { by: "ann", why: "no time" }));
    await answers("192.0.2.8", NOT_LISTED);
    assert.equal(await ask("127.0.0.2"), NOT_LISTED);
  });
});
