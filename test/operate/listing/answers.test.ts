/** What a published zone answers: listed or not, its own records, what is above entries, and what it never says. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { excluding, NO_ZONE, sumOf, type Tally } from "../../../src/operate/listing/answering/index.ts"; // prettier-ignore
import { answerer, decoded, ip, NOW, octetsTo, query, said, source, spelt, zone, type Asked } from "./asking.ts"; // prettier-ignore

const V4 = [
  ":127.0.0.3:open relay, see https://example.org/?$",
  "192.0.2.1",
  "198.51.100.0/24 :4:a block",
  "!198.51.100.7",
  "203.0.113.5 :127.0.0.5:",
];
const V6 = ["2001:db8:1::/48 :2:$ is one", "!2001:db8:1::7"];
const NAMES = [
  "bad.example :2:$",
  "*.wild.example :3:below $",
  "!good.wild.example",
  "a.b.c.deep :2:",
  "*.lone :2:",
];
const OF_127 = ["127.0.0.1 :9:no", "127.0.0.0/30 :9:no"];

const BIG = Array.from({ length: 9 }, (_, i) => `192.0.2.9 :${i + 2}:${"long ".repeat(40)}${i}`);

const sources = [source("ip4set", [...V4, ...BIG]), source("ip6trie", V6)];
const addresses = zone([sources.flat()]);
const names = zone([source("dnset", NAMES)], { origin: "names.example.org", kind: "names" });
const own = zone([source("ip4set", OF_127)], { origin: "own.example.org" });
const retired = zone(sources, { origin: "old.example.org", retired: true });
const expired = zone(sources, { origin: "late.example.org", validUntil: NOW });
const below = zone([source("ip4set", "10.0.0.1 :8:")], { origin: "sub.bl.example.org" });
const web = zone([source("generic", ["@ A 192.0.2.80", "@ TXT \"about\"", "www A 192.0.2.81"])], { origin: "web.example.org" }); // prettier-ignore

const tally = (some: Partial<Tally>): Tally => ({ ...sumOf([]), ...some });

const all = answerer([addresses, names, own, retired, expired, below, web]);

/** Nibbles of ::ffff:7f00:x, the last one first. */
const mapped = (x: number): string => `${x}.0.0.0.0.0.f.7.f.f.f.f.${"0.".repeat(20)}bl.example.org`;

const IN_V6 = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2";
const OUT_V6 = IN_V6.replace(/^1/, "7");

const TABLE: readonly (readonly [name: string, type: Asked["type"], said: string])[] = [
  ["1.2.0.192.bl.example.org", "A", "NOERROR A 127.0.0.3"],
  ["1.2.0.192.BL.eXample.org", "A", "NOERROR A 127.0.0.3"],
  [
    "1.2.0.192.bl.example.org",
    "TXT",
    'NOERROR TXT "open relay, see https://example.org/?192.0.2.1"',
  ],
  ["1.2.0.192.bl.example.org", "ANY", "NOERROR A 127.0.0.3"],
  ["1.2.0.192.bl.example.org", "AAAA", "NOERROR SOA"],
  ["1.2.0.192.bl.example.org", "NS", "NOERROR SOA"],
  ["2.2.0.192.bl.example.org", "A", "NXDOMAIN SOA"],
  ["01.2.0.192.bl.example.org", "A", "NXDOMAIN SOA"],
  ["x.1.2.0.192.bl.example.org", "A", "NXDOMAIN SOA"],
  ["6.100.51.198.bl.example.org", "A", "NOERROR A 127.0.0.4"],
  ["7.100.51.198.bl.example.org", "A", "NXDOMAIN SOA"],
  ["5.113.0.203.bl.example.org", "TXT", "NOERROR SOA"],
  [`${IN_V6}.bl.example.org`, "A", "NOERROR A 127.0.0.2"],
  [`${IN_V6.toUpperCase()}.bl.example.org`, "TXT", 'NOERROR TXT "2001:db8:1::1 is one"'],
  [`${OUT_V6}.bl.example.org`, "A", "NXDOMAIN SOA"],
  // What is above entries exists (RFC 8020), what is beside them does not.
  ["192.bl.example.org", "A", "NOERROR SOA"],
  ["0.192.bl.example.org", "A", "NOERROR SOA"],
  ["2.0.192.bl.example.org", "A", "NOERROR SOA"],
  ["3.0.192.bl.example.org", "A", "NXDOMAIN SOA"],
  ["100.51.198.bl.example.org", "A", "NOERROR SOA"],
  ["2.bl.example.org", "A", "NOERROR SOA"],
  ["0.0.2.bl.example.org", "A", "NOERROR SOA"],
  ["8.b.d.0.1.0.0.2.bl.example.org", "A", "NOERROR SOA"],
  ["9.b.d.0.1.0.0.2.bl.example.org", "A", "NXDOMAIN SOA"],
  ["127.bl.example.org", "A", "NOERROR SOA"],
  ["f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.bl.example.org", "A", "NOERROR SOA"],
  // RFC 5782 §5, whatever the file says.
  ["2.0.0.127.bl.example.org", "A", "NOERROR A 127.0.0.2"],
  [
    "2.0.0.127.bl.example.org",
    "TXT",
    'NOERROR TXT "bl.example.org: this is the test entry that every list has"',
  ],
  ["1.0.0.127.bl.example.org", "A", "NXDOMAIN SOA"],
  [mapped(2), "A", "NOERROR A 127.0.0.2"],
  [mapped(1), "A", "NXDOMAIN SOA"],
  ["1.0.0.127.own.example.org", "A", "NXDOMAIN SOA"],
  ["2.0.0.127.own.example.org", "A", "NOERROR A 127.0.0.9"],
  ["3.0.0.127.own.example.org", "A", "NOERROR A 127.0.0.9"],
  ["TEST.names.example.org", "A", "NOERROR A 127.0.0.2"],
  ["invalid.names.example.org", "A", "NXDOMAIN SOA"],
  ["2.0.0.127.names.example.org", "A", "NXDOMAIN SOA"],
  // Names.
  ["BAD.example.names.example.org", "TXT", 'NOERROR TXT "bad.example"'],
  ["x.bad.example.names.example.org", "A", "NXDOMAIN SOA"],
  ["example.names.example.org", "A", "NOERROR SOA"],
  ["wild.example.names.example.org", "A", "NOERROR SOA"],
  ["x.y.wild.example.names.example.org", "TXT", 'NOERROR TXT "below wild.example"'],
  ["good.wild.example.names.example.org", "A", "NXDOMAIN SOA"],
  ["c.deep.names.example.org", "A", "NOERROR SOA"],
  ["lone.names.example.org", "A", "NOERROR SOA"],
  ["b.deep.names.example.org", "A", "NXDOMAIN SOA"],
  // The zone itself.
  ["bl.example.org", "SOA", "NOERROR SOA "],
  ["bl.example.org", "ANY", "NOERROR SOA "],
  ["bl.example.org", "NS", "NOERROR NS ns1.example.org NS ns2.example.net"],
  ["bl.example.org", "A", "NOERROR SOA"],
  ["web.example.org", "A", "NOERROR A 192.0.2.80"],
  ["web.example.org", "TXT", 'NOERROR TXT "about"'],
  ["www.web.example.org", "A", "NOERROR A 192.0.2.81"],
  // The longest origin.
  ["1.0.0.10.sub.bl.example.org", "A", "NOERROR A 127.0.0.8"],
  ["1.2.0.192.sub.bl.example.org", "A", "NXDOMAIN SOA"],
  // Retired: nobody is listed, and whoever looks hears why.
  ["1.2.0.192.old.example.org", "A", "NXDOMAIN SOA"],
  ["2.0.0.127.old.example.org", "A", "NXDOMAIN SOA"],
  ["192.old.example.org", "A", "NXDOMAIN SOA"],
  [
    "old.example.org",
    "TXT",
    'NOERROR TXT "old.example.org is retired and lists nobody any more; please ask it no longer"',
  ],
  ["old.example.org", "SOA", "NOERROR SOA "],
  ["1.2.0.192.late.example.org", "A", "SERVFAIL"],
  ["9.2.0.192.late.example.org", "A", "SERVFAIL"],
  ["late.example.org", "SOA", "SERVFAIL"],
  // Not ours.
  ["1.2.0.192.example.org", "A", "REFUSED"],
  [".", "NS", "REFUSED"],
  ["xbl.example.org", "SOA", "REFUSED"],
  ["bl.example.org", "AXFR", "REFUSED"],
];

describe("a published zone", () => {
  for (const [name, type = "A", expected] of TABLE)
    test(`${name} ${type}`, () => {
      assert.equal(said(all, name, { type, over: "tcp" }), expected);
    });

  test("says no for as long as the SOA may be kept, and a retired one for a day", () => {
    const ttlOf = (name: string): number | undefined => {
      const [record] = decoded(octetsTo(all, query(name)) ?? new Uint8Array(12)).authorities ?? [];
      return record?.type === "SOA" ? record.ttl : undefined;
    };
    assert.equal(ttlOf("9.9.9.9.bl.example.org"), 300);
    assert.equal(ttlOf("9.9.9.9.old.example.org"), 86_400);
    const soa = decoded(octetsTo(all, query("bl.example.org", { type: "SOA" }), { over: "tcp" }) ?? new Uint8Array(12)).answers?.[0]; // prettier-ignore
    assert.ok(soa?.type === "SOA");
    assert.equal(soa.ttl, 2100);
    assert.deepEqual(soa.data, { mname: "ns1.example.org", rname: "hostmaster.example.org", serial: 7, refresh: 3600, retry: 600, expire: 604_800, minimum: 300 }); // prettier-ignore
  });

  test("the question comes back as it was asked", () => {
    const asked = query("1.2.0.192.bL.ExAmPlE.oRg");
    const octets = octetsTo(all, asked) ?? new Uint8Array();
    assert.equal(decoded(octets).questions?.[0]?.name, "1.2.0.192.bL.ExAmPlE.oRg");
    assert.equal(decoded(octets).id, 0x1234);
    assert.ok(decoded(octets).flag_aa && decoded(octets).flag_rd && !decoded(octets).flag_ra);
  });

  test("what is protected is not listed, and the first source that knows somebody answers", () => {
    const layered = answerer([
      zone([
        [...source("cidr", "192.0.2.0/28")].map(excluding),
        source("ip4set", ["192.0.2.16 :2:mine"]),
        source("ip4set", ["192.0.2.0/27 :3:file"]),
      ]),
    ]);
    assert.equal(said(layered, "5.2.0.192.bl.example.org"), "NXDOMAIN SOA");
    assert.equal(said(layered, "16.2.0.192.bl.example.org"), "NOERROR A 127.0.0.2");
    assert.equal(said(layered, "17.2.0.192.bl.example.org"), "NOERROR A 127.0.0.3");
  });

  test("names with octets that no list has are not listed, and the dot in a label divides nothing", () => {
    const labels = (...parts: string[]): Uint8Array =>
      Buffer.concat([Buffer.from([0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]), ...parts.map((part) => Buffer.concat([Buffer.from([part.length]), Buffer.from(part, "latin1")])), Buffer.from([0, 0, 1, 0, 1])]); // prettier-ignore
    const over = { over: "tcp" } as const;
    assert.equal(spelt(octetsTo(all, labels("bad", "example", "names", "example", "org"), over) ?? labels()), "NOERROR A 127.0.0.2"); // prettier-ignore
    assert.equal(spelt(octetsTo(all, labels("bad.example", "names", "example", "org"), over) ?? labels()), "NXDOMAIN SOA"); // prettier-ignore
    assert.equal(spelt(octetsTo(all, labels("bad", "example", "names.example", "org"), over) ?? labels()), "REFUSED"); // prettier-ignore
    assert.equal(spelt(octetsTo(all, labels("1", "2", "0", "192.bl", "example", "org"), over) ?? labels()), "REFUSED"); // prettier-ignore
  });

  test("what has no room is asked for over TCP", () => {
    const name = "9.2.0.192.bl.example.org";
    assert.equal(said(all, name, { type: "TXT" }), "NOERROR TC");
    assert.match(
      said(all, name, { type: "TXT", over: "tcp" }),
      /^NOERROR( TXT "(long )+[0-9]"){9}$/,
    );
  });

  test("is the same from memory that threads share", () => {
    const shared = <Row extends Uint8Array | Uint32Array>(row: Row): Row => {
      const memory = new SharedArrayBuffer(row.byteLength);
      const copy = row instanceof Uint8Array ? new Uint8Array(memory) : new Uint32Array(memory);
      copy.set(row);
      return copy as Row; // of the same kind
    };
    const part = <Part extends object>(rows: Part): Part =>
      Object.fromEntries(Object.entries(rows).map(([key, row]: [string, unknown]) => [key, row instanceof Uint8Array || row instanceof Uint32Array ? shared(row) : row])) as Part; // prettier-ignore
    const sharing = (published: typeof addresses): typeof addresses => ({
      ...published,
      nonTerminals: published.nonTerminals.map(shared),
      sources: published.sources.map((one) => one.map((dataset) => ({ ...dataset, v4: part(dataset.v4), v6: part(dataset.v6), exact: part(dataset.exact), wild: part(dataset.wild), values: part(dataset.values) }))), // prettier-ignore
    });
    const zones = [addresses, names, own, retired, expired, below, web].map(sharing);
    const some = answerer(zones.map((one) => ({ ...one, transferTo: ["192.0.2.53"] })));
    for (const [name, type = "A", expected] of TABLE)
      if (type !== "AXFR") assert.equal(said(some, name, { type, over: "tcp" }), expected, name);
    for (const { origin } of [addresses, names])
      assert.ok([...(some.transfer(query(origin, { type: "AXFR" }), ip("192.0.2.53"), NOW) ?? [])].length > 0); // prettier-ignore
  });

  test("a new zone is answered from then on", () => {
    const one = answerer([addresses]);
    one.replace([below]);
    assert.equal(said(one, "1.2.0.192.bl.example.org"), "REFUSED");
    assert.equal(said(one, "1.0.0.10.sub.bl.example.org"), "NOERROR A 127.0.0.8");
    assert.deepEqual(one.takeCounts(), {
      zones: new Map([[NO_ZONE, tally({ refused: 1 })], [below.origin, tally({ listed: 1 })]]), // prettier-ignore
      networks: [{ network: "192.0.2.0/24", queries: 2, listed: 1 }],
      others: 0,
    });
  });
});

describe("who asks", () => {
  const rules = { access: [{ network: "192.0.2.53", action: "refuse" }, { network: "2001:db8::/32", action: "ignore" }, { network: "198.51.100.0/24", action: "pass" }], rateLimit: { answersPerSecond: 3, slip: 2 } } as const; // prettier-ignore
  const listed = "1.2.0.192.bl.example.org";

  test("is refused, ignored, or answered, by his network", () => {
    const some = answerer([addresses], rules);
    assert.equal(said(some, listed), "REFUSED");
    assert.equal(said(some, listed, { client: ip("2001:db8:5::1") }), "silence");
    assert.equal(said(some, listed, { client: ip("192.0.2.54") }), "NOERROR A 127.0.0.3");
  });

  test("gets so many answers a second, then every other one says TCP; over TCP all", () => {
    const some = answerer([addresses], rules);
    const asked = (client: string, over: "udp" | "tcp" = "udp", now = NOW): string[] =>
      Array.from({ length: 7 }, () => said(some, listed, { client: ip(client), over, now }).split(" ")[1] ?? "silence"); // prettier-ignore
    const limited = ["A", "A", "A", "silence", "TC", "silence", "TC"];
    assert.deepEqual(asked("203.0.113.1"), limited);
    assert.deepEqual(
      asked("203.0.113.200").filter((one) => one === "A"),
      [],
      "of one /24",
    );
    assert.deepEqual(
      asked("203.0.113.1", "tcp"),
      Array.from({ length: 7 }, () => "A"),
    );
    assert.deepEqual(asked("203.0.113.1", "udp", NOW + 1000), limited);
    assert.deepEqual(asked("2001:db9:0:100::1"), limited);
    assert.deepEqual(
      asked("2001:db9:0:1ff::1").filter((one) => one === "A"),
      [],
      "of one /56",
    );
    assert.deepEqual(
      asked("198.51.100.1"),
      Array.from({ length: 7 }, () => "A"),
      "who may",
    );
  });

  test("is counted by his network, of which so many are kept", () => {
    const some = answerer([addresses], { countedNetworks: 2 });
    for (const client of ["10.0.0.1", "10.0.0.2", "2001:db8:7:9::1", "10.9.0.1"])
      said(some, listed, { client: ip(client) });
    const { networks, others } = some.takeCounts();
    assert.deepEqual(networks, [
      { network: "10.0.0.0/24", queries: 2, listed: 2 },
      { network: "2001:db8:7::/48", queries: 1, listed: 1 },
    ]);
    assert.equal(others, 1);
    assert.deepEqual(some.takeCounts().networks, []);
  });

  test("is counted by the zone that it is about, also where it is refused, limited or a transfer", () => {
    const some = answerer([addresses, { ...names, transferTo: ["192.0.2.1"] }], rules);
    said(some, listed, { client: ip("192.0.2.53") });
    for (let i = 0; i < 5; i++) said(some, `1.${names.origin}`, { client: ip("203.0.113.1") });
    some.transfer(query(names.origin, { type: "AXFR" }), ip("192.0.2.1"), NOW);
    said(some, listed, { client: ip("2001:db8:5::1") });
    assert.deepEqual(
      some.takeCounts().zones,
      new Map([
        [addresses.origin, tally({ refused: 1 })],
        [names.origin, tally({ notListed: 3, limited: 2, transfer: 1 })],
        [NO_ZONE, tally({ silent: 1 })],
      ]),
    );
    assert.equal(some.takeCounts().zones.size, 0);
  });
});
