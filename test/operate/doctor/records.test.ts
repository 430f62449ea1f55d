/** Which records a site's domain is told to publish, and how they are written into a zone file. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  publicationJson,
  recordsOf,
  stsPolicy,
  zoneText,
  type DomainFacts,
  type WebService,
} from "../../../src/operate/doctor/index.ts";
import { parseStsPolicy } from "../../../src/policy/identity/index.ts";
import { domain, facts, ip } from "./facts.ts";

/** "name type data" of each record. */
function lines(more: Partial<DomainFacts> = {}): readonly string[] {
  return recordsOf(facts(more))
    .map(publicationJson)
    .flatMap(({ name, type, data }) =>
      (data.length === 0 ? ["?"] : data).map((text) => `${name} ${type} ${text}`),
    );
}

function of(type: string, more: Partial<DomainFacts> = {}): readonly string[] {
  return lines(more).filter((line) => line.split(" ")[1] === type);
}

function spf(more: Partial<DomainFacts>): readonly string[] {
  return of("TXT", more).filter((line) => line.includes("v=spf1"));
}

test("a site's records, in the order of a reader", () => {
  assert.deepEqual(
    lines().filter((line) => !line.includes("STSv1")),
    [
      "example.org. MX 10 mx.example.org.",
      "mx.example.org. A 8.8.4.4",
      "mx.example.org. AAAA 2620:fe::9",
      "_25._tcp.mx.example.org. TLSA 3 1 1 abcd",
      'example.org. TXT "v=spf1 mx -all"',
      'mx.example.org. TXT "v=spf1 a -all"',
      '_dmarc.example.org. TXT "v=DMARC1; p=none; rua=mailto:postmaster@example.org"',
      '_smtp._tls.example.org. TXT "v=TLSRPTv1; rua=mailto:tls-reports@example.org"',
      "mta-sts.example.org. CNAME mx.example.org.",
      "_submissions._tcp.example.org. SRV 0 1 465 mx.example.org.",
      "_submission._tcp.example.org. SRV 10 1 587 mx.example.org.",
      "_pop3s._tcp.example.org. SRV 0 1 995 mx.example.org.",
      "_pop3._tcp.example.org. SRV 10 1 110 mx.example.org.",
      "_imaps._tcp.example.org. SRV 0 0 0 .",
      "_imap._tcp.example.org. SRV 0 0 0 .",
      "autoconfig.example.org. CNAME mx.example.org.",
    ],
  );
});

describe("the host", () => {
  test("whose address is not known has a place for it", () => {
    assert.deepEqual(of("A", { addresses: [] }), ["mx.example.org. A ?"]);
    assert.deepEqual(of("AAAA", { addresses: [] }), []);
  });

  test("has its addresses in one order", () => {
    const addresses = [ip("9.9.9.9"), ip("8.8.4.4")];
    assert.deepEqual(of("A", { addresses }), of("A", { addresses: addresses.toReversed() }));
  });

  test("without a certificate has no TLSA record", () => {
    const { certificateKey: _, ...without } = facts();
    assert.ok(recordsOf(without).every(({ type }) => type !== "TLSA"));
  });
});

describe("who may send", () => {
  test("a smart host by its name is a guess, softly", () => {
    const smartHost = { kind: "name", name: "smart.example.net" } as const;
    assert.deepEqual(spf({ smartHost }), ['example.org. TXT "v=spf1 mx a:smart.example.net ~all"']);
  });

  test("a smart host by its address, public or not", () => {
    const at = (text: string): readonly string[] =>
      spf({ smartHost: { kind: "address", ip: ip(text) } });
    assert.deepEqual(at("9.9.9.9"), ['example.org. TXT "v=spf1 mx ip4:9.9.9.9 ~all"']);
    assert.deepEqual(at("2620:fe::fe"), ['example.org. TXT "v=spf1 mx ip6:2620:fe::fe ~all"']);
    assert.deepEqual(at("10.0.0.2"), ['example.org. TXT "v=spf1 mx ~all"']);
  });

  test("a domain that is its own host has one SPF record", () => {
    assert.deepEqual(spf({ hostname: domain("example.org") }), [
      'example.org. TXT "v=spf1 mx -all"',
    ]);
  });

  test("keys by selector, a long one in strings of 255 octets at most", () => {
    const dkimKeys = [
      { selector: "s2", algorithm: "rsa", publicKey: "A".repeat(392) },
      { selector: "s1", algorithm: "ed25519", publicKey: "B".repeat(44) },
    ] as const;
    const head = "v=DKIM1; k=rsa; p=";
    assert.deepEqual(
      of("TXT", { dkimKeys }).filter((line) => line.includes("_domainkey")),
      [
        `s1._domainkey.example.org. TXT "v=DKIM1; k=ed25519; p=${"B".repeat(44)}"`,
        `s2._domainkey.example.org. TXT "${head}${"A".repeat(255 - head.length)}" "${"A".repeat(392 - 255 + head.length)}"`,
      ],
    );
  });
});

test("services that are off are said to be, and those on other ports have them", () => {
  const ports = new Map([["pop3s", 10_995]] as const);
  assert.deepEqual(of("SRV", { ports }).slice(0, 4), [
    "_submissions._tcp.example.org. SRV 0 0 0 .",
    "_submission._tcp.example.org. SRV 0 0 0 .",
    "_pop3s._tcp.example.org. SRV 0 1 10995 mx.example.org.",
    "_pop3._tcp.example.org. SRV 0 0 0 .",
  ]);
});

test("where the mailboxes are elsewhere, nothing is said of mail programs; all else is as for any other", () => {
  const [all, some] = [facts(), facts({ hasMailboxes: false })].map(recordsOf);
  assert.deepEqual(
    some,
    all?.filter(({ type, name: at }) => type !== "SRV" && !at.startsWith("autoconfig.")),
  );
  assert.ok(some !== undefined && all !== undefined && some.length < all.length);
});

test("the id of MTA-STS changes with the policy and with nothing else", () => {
  const id = (more: Partial<DomainFacts>): string =>
    of("TXT", more).find((line) => line.includes("STSv1")) ?? "";
  assert.match(id({}), /^_mta-sts\.example\.org\. TXT "v=STSv1; id=[0-9a-z]{1,32}"$/);
  assert.equal(id({ addresses: [] }), id({}));
  assert.notEqual(id({ hostname: domain("mail.example.org") }), id({}));
  assert.notEqual(id({ mtaSts: { mode: "enforce", max_age_seconds: 604_800 } }), id({}));
  assert.notEqual(id({ mtaSts: { mode: "testing", max_age_seconds: 604_801 } }), id({}));
});

test("the policy of MTA-STS, as others read it", () => {
  const text = stsPolicy(facts({ mtaSts: { mode: "enforce", max_age_seconds: 1_209_600 } }));
  assert.equal(
    text,
    "version: STSv1\r\nmode: enforce\r\nmx: mx.example.org\r\nmax_age: 1209600\r\n",
  );
  assert.deepEqual(parseStsPolicy(Buffer.from(text)), {
    mode: "enforce",
    maxAge: 1_209_600,
    servers: [{ wildcard: false, name: "mx.example.org" }],
  });
});

test("a domain too long for names below it has what has room", () => {
  const long = domain(["a", "b", "c", "d"].map((letter) => letter.repeat(61)).join("."));
  assert.ok(of("MX", { domain: long }).length === 1);
  assert.deepEqual(of("SRV", { domain: long }), []);
});

describe("the zone's text", () => {
  const text = (more: Partial<DomainFacts> = {}): string =>
    zoneText(recordsOf(facts(more)), facts(more));
  const pasted = (zone: string): readonly string[] =>
    zone.split("\n").filter((line) => line !== "" && !line.startsWith(";"));

  test("has names in A-labels", () => {
    const zone = text({ domain: domain("bücher.example") });
    assert.ok(pasted(zone).includes("xn--bcher-kva.example. 3600 IN MX 10 mx.example.org."));
    assert.doesNotMatch(zone, /[^\n -~]/);
  });

  test("keeps what comes later and what is in another zone behind semicolons", () => {
    const own = pasted(text());
    assert.ok(own.includes("mx.example.org. 3600 IN A 8.8.4.4"));
    assert.ok(own.every((line) => !/mta-sts|autoconfig/.test(line)));
    const other = text({ domain: domain("example.net") });
    assert.ok(pasted(other).every((line) => /^\S*example\.net\. /.test(line)));
    assert.match(other, /^;mx\.example\.org\. 3600 IN A 8\.8\.4\.4$/m);
  });

  test("has what a listener serves, and only that", () => {
    const served = (web: readonly WebService[], more: Partial<DomainFacts> = {}): string[] =>
      pasted(text({ web: new Set(web), ...more }))
        .map((line) => line.split(".")[0] ?? "")
        .filter((label) => /mta-sts|autoconfig/.test(label));
    const all = ["_mta-sts", "mta-sts", "autoconfig"];
    assert.deepEqual(served(["http", "https"]), all);
    assert.deepEqual(served(["https"]), all);
    assert.deepEqual(served(["http"]), ["autoconfig"]); // MTA-STS is by HTTPS alone
    for (const ports of [
      new Map([["pop3s", 995]] as const),
      new Map([["submission", 587]] as const),
    ])
      assert.deepEqual(served(["http", "https"], { ports }), ["_mta-sts", "mta-sts"]);
  });

  test("keeps an unknown address behind a semicolon, once", () => {
    assert.match(
      text({ addresses: [] }),
      /^;mx\.example\.org\. 3600 IN A \(its public address\)$/m,
    );
  });

  test("has comments that fit into 80 columns", () => {
    const comments = text()
      .split("\n")
      .filter((line) => line.startsWith("; "));
    assert.ok(comments.length > 10);
    for (const line of comments) assert.ok(line.length < 80, line);
  });
});
