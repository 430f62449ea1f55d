/** What the DNS says, held against what it should say: one table a kind of record, on a scripted resolver. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  checkRecords,
  findingsText,
  needsMending,
  recordsOf,
  type DomainFacts,
  type Finding,
  type Publication,
  type Verdict,
} from "../../../src/operate/doctor/index.ts";
import { reverseName, ScriptedResolver } from "../../../src/protocol/dns/index.ts";
import { domain, facts, ip, name } from "./facts.ts";

function octets(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "latin1"));
}

/** All that is suggested is there, and the addresses' names. */
function published(site: DomainFacts = facts()): ScriptedResolver {
  const dns = new ScriptedResolver();
  for (const set of recordsOf(site)) if (set.standing !== "later") publish(dns, set);
  for (const address of site.addresses)
    dns.has(reverseName(address), "PTR", [name("mx.example.org")]);
  return dns;
}

/** One type at a time, for the compiler. */
function publish(dns: ScriptedResolver, set: Publication): ScriptedResolver {
  switch (set.type) {
    case "MX":
      return dns.has(set.name, set.type, set.records);
    case "A":
    case "AAAA":
      return dns.has(set.name, set.type, set.records);
    case "TXT": {
      const texts = set.records.map((text) => octets(text));
      return dns.has(set.name, set.type, texts);
    }
    case "TLSA":
      return dns.has(set.name, set.type, set.records);
    case "SRV":
      return dns.has(set.name, set.type, set.records);
    case "CNAME":
      return dns.has(set.name, set.type, set.records);
  }
}

async function finding(
  subject: string,
  dns: ScriptedResolver,
  site: DomainFacts = facts(),
): Promise<Finding> {
  const found = (await checkRecords(site, dns)).find((one) => one.subject === subject);
  if (found === undefined) throw new Error(`nothing is said about ${subject}`);
  return found;
}

async function assertSaid(
  subject: string,
  dns: ScriptedResolver,
  [verdict, why]: readonly [Verdict, (RegExp | undefined)?],
  site: DomainFacts = facts(),
): Promise<void> {
  const said = await finding(subject, dns, site);
  assert.equal(said.verdict, verdict, said.why ?? "nothing is said");
  if (why !== undefined) assert.match(said.why ?? "", why);
}

test("a zone as it is suggested is right, each line of it", async () => {
  const findings = await checkRecords(facts(), published());
  const others = findings.filter(({ verdict }) => verdict !== "right");
  assert.deepEqual(
    others.map(({ subject, verdict }) => `${subject}: ${verdict}`),
    [
      "_mta-sts.example.org. TXT (mta-sts): left out",
      "mta-sts.example.org. CNAME: left out",
      "autoconfig.example.org. CNAME: left out",
    ],
  );
  assert.ok(findings.every(({ why }) => why === undefined));
  assert.equal(needsMending(findings), false);
});

test("where nothing is published, what is needed is missing and the rest is left out", async () => {
  const findings = await checkRecords(facts(), new ScriptedResolver());
  const missing = findings.filter(({ verdict }) => verdict === "missing");
  assert.ok(findings.every(({ verdict }) => verdict === "missing" || verdict === "left out"));
  assert.deepEqual(
    missing.map(({ subject }) => subject),
    [
      "example.org. MX",
      "mx.example.org. A",
      "mx.example.org. AAAA",
      "example.org. TXT (spf)",
      "_dmarc.example.org. TXT (dmarc)",
      "_submissions._tcp.example.org. SRV",
      "_submission._tcp.example.org. SRV",
      "_pop3s._tcp.example.org. SRV",
      "_pop3._tcp.example.org. SRV",
      "2620:fe::9 PTR",
      "8.8.4.4 PTR",
    ],
  );
  assert.equal(needsMending(findings), true);
});

test("where the DNS fails nothing is missing: it is unknown", async () => {
  const dns = { resolve: () => Promise.resolve({ kind: "failed", why: "servfail" } as const) };
  const findings = await checkRecords(facts(), dns);
  assert.ok(findings.length > 10);
  for (const { verdict, why } of findings) {
    assert.equal(verdict, "unknown");
    assert.match(why ?? "", /did not answer \(servfail\)/);
  }
  assert.equal(needsMending(findings), false);
});

describe("MX", () => {
  const CASES: readonly [string, readonly [number, string][], Verdict, RegExp?][] = [
    ["another preference", [[50, "mx.example.org"]], "right"],
    [
      "a backup behind us",
      [
        [20, "b.example"],
        [10, "mx.example.org"],
      ],
      "right",
      /other servers/,
    ],
    [
      "a filter before us",
      [
        [5, "filter.example"],
        [10, "mx.example.org"],
      ],
      "right",
      /filter\.example\. first/,
    ],
    ["others alone", [[10, "b.example"]], "wrong", /other servers/],
    ["no mail at all", [[0, "."]], "wrong", /takes no mail/],
  ];
  for (const [what, exchanges, verdict, why] of CASES)
    test(what, () => {
      const records = exchanges.map(([preference, to]) => ({ preference, exchange: name(to) }));
      const dns = published().has(name("example.org"), "MX", records);
      return assertSaid("example.org. MX", dns, [verdict, why]);
    });
});

describe("the host's addresses", () => {
  const A = "mx.example.org. A";
  const at = (...texts: readonly string[]): ScriptedResolver =>
    published().has(name("mx.example.org"), "A", texts.map(ip));

  test("of another machine", () =>
    assertSaid(A, at("9.9.9.9"), ["wrong", /9\.9\.9\.9 is no address/]));
  test("one too many", () => assertSaid(A, at("8.8.4.4", "9.9.9.9"), ["wrong"]));
  test("a private one", () => assertSaid(A, at("10.0.0.1"), ["wrong", /nobody outside/]));
  test("fewer than the machine has", () => {
    const site = facts({ addresses: [ip("8.8.4.4"), ip("9.9.9.9")] });
    return assertSaid(A, at("8.8.4.4"), ["right", /9\.9\.9\.9 is not there/], site);
  });
  test("cannot be compared behind NAT", () =>
    assertSaid(A, at("9.9.9.9"), ["right", /not compared/], facts({ addresses: [] })));
  test("an alias", () => {
    const dns = new ScriptedResolver()
      .has(name("mx.example.org"), "CNAME", [name("host.example")])
      .has(name("host.example"), "A", [ip("8.8.4.4")]);
    return assertSaid(A, dns, ["wrong", /alias \(CNAME\) of host\.example\./]);
  });
});

describe("SPF", () => {
  const CASES: readonly [readonly string[], Verdict, RegExp?][] = [
    [["v=spf1 mx -all"], "right"],
    [["V=SPF1 MX ~ALL"], "right"],
    [["v=spf1 a:mx.example.org. -all"], "right"],
    [["v=spf1 mx:example.org/24 include:_spf.example.net -all"], "right"],
    [["v=spf1 ip4:8.8.4.0/24 ip6:2620:fe::/48 -all"], "right"],
    [["v=spf1 ip4:8.8.4.4 -all"], "wrong", /not let this server send/], // by IPv6 too
    [["v=spf1 -mx -all"], "wrong"],
    [["v=spf1 ?mx -all"], "wrong"],
    [["v=spf1 a -all"], "wrong"],
    [["v=spf1 -all mx"], "wrong"],
    [["v=spf1 mx +all"], "wrong", /everybody/],
    [["v=spf1 mx all"], "wrong", /everybody/],
    [["v=spf1 mx"], "right", /nobody else/],
    [["v=spf1 mx ?all"], "right", /nobody else/],
    [["v=spf1 include:_spf.example.net -all"], "unknown", /"include:_spf\.example\.net" may/],
    [["v=spf1 redirect=_spf.example.net"], "unknown", /redirect/],
    [["v=spf1 mx -all", "v=spf1 mx -all"], "wrong", /2 of them/],
    [["v=spf1 mx -all", "some-verification=1"], "right"],
    [["v=spf10 mx -all"], "missing"],
    [["some-verification=1"], "missing"],
  ];
  for (const [texts, verdict, why] of CASES)
    test(`${texts.join(" and ")}: ${verdict}`, () => {
      const dns = published().has(
        name("example.org"),
        "TXT",
        texts.map((text) => octets(text)),
      );
      return assertSaid("example.org. TXT (spf)", dns, [verdict, why]);
    });

  test("mx lets nobody send where MX leads elsewhere", () => {
    const elsewhere = [{ preference: 10, exchange: name("b.example") }];
    const dns = published().has(name("example.org"), "MX", elsewhere);
    return assertSaid("example.org. TXT (spf)", dns, ["wrong"]);
  });

  test("mx is that of the name it stands at", async () => {
    const dns = published().has(name("mx.example.org"), "TXT", [octets("v=spf1 mx -all")]);
    await assertSaid("mx.example.org. TXT (spf)", dns, ["wrong", /not let this server send/]);
  });

  test("what mx and ip4 stand for may not be known", async () => {
    const dns = published().fails(name("example.org"), "MX", "timeout");
    await assertSaid("example.org. TXT (spf)", dns, ["unknown", /"mx"/]);
    const nowhere = new ScriptedResolver().has(name("example.org"), "TXT", [
      octets("v=spf1 ip4:9.9.9.9 -all"),
    ]);
    const site = facts({ addresses: [] });
    await assertSaid("example.org. TXT (spf)", nowhere, ["unknown", /"ip4:9\.9\.9\.9"/], site);
  });

  test("for a smart host it is not known", () => {
    const site = facts({ smartHost: { kind: "name", name: "smart.example.net" } });
    return assertSaid(
      "example.org. TXT (spf)",
      published(site),
      ["unknown", /which mail leaves/],
      site,
    );
  });
});

describe("other text", () => {
  const CASES: readonly [string, string, string, Verdict, RegExp?][] = [
    ["_dmarc", "dmarc", "v=DMARC1;p=reject;rua=mailto:x@example.net", "right"],
    ["_dmarc", "dmarc", "v=DMARC1; p=quarantine", "right", /nobody gets reports/],
    ["_dmarc", "dmarc", "v=DMARC1; p=never; rua=mailto:x@example.net", "wrong", /no policy/],
    ["_dmarc", "dmarc", "v=DMARC1; rua=mailto:x@example.net", "wrong", /no policy/],
    ["_dmarc", "dmarc", "p=reject", "missing"],
    [
      "_smtp._tls",
      "tls-rpt",
      "v=TLSRPTv1;rua=https://reports.example.net/",
      "right",
      /not collected/,
    ],
    [
      "_smtp._tls",
      "tls-rpt",
      "v=TLSRPTv1; rua=mailto:tls-reports@example.org.example.net",
      "right",
      /not collected/,
    ],
    [
      "_smtp._tls",
      "tls-rpt",
      "v=TLSRPTv1; rua=https://r.example/,MAILTO:tls-reports@example.org",
      "right",
      /^$/,
    ],
    ["_smtp._tls", "tls-rpt", "v=TLSRPTv1; rua=", "wrong", /nobody/],
    ["_mta-sts", "mta-sts", "v=STSv1; id=20261128T1;", "right"],
    ["_mta-sts", "mta-sts", "v=STSv1; id=2026-11-28", "wrong", /id/],
  ];
  for (const [label, purpose, text, verdict, why] of CASES)
    test(`${text}: ${verdict}`, () => {
      const dns = published().has(name(`${label}.example.org`), "TXT", [octets(text)]);
      return assertSaid(`${label}.example.org. TXT (${purpose})`, dns, [verdict, why]);
    });
});

describe("MTA-STS, whose policy is served here", () => {
  const site = facts({ web: new Set(["https"]) });
  const SUBJECT = "_mta-sts.example.org. TXT (mta-sts)";

  test("is right as it is suggested, the names of the web servers too", async () => {
    const findings = await checkRecords(site, published(site));
    assert.ok(findings.every(({ verdict, why }) => verdict === "right" && why === undefined));
  });
  test("need not be there", () => assertSaid(SUBJECT, published(facts()), ["left out"], site));
  test("has the id of another policy: its change is not seen", async () => {
    const enforcing = facts({
      web: new Set(["https"]),
      mtaSts: { mode: "enforce", max_age_seconds: 604_800 },
    });
    await assertSaid(SUBJECT, published(site), ["wrong", /not the id of the policy/], enforcing);
  });
});

describe("a domain without a DMARC policy of its own", () => {
  const site = facts({ domain: domain("a.b.example.org") });
  const SUBJECT = "_dmarc.a.b.example.org. TXT (dmarc)";
  const above = name("_dmarc.example.org");

  test("has that of one above it", () => {
    const dns = new ScriptedResolver().has(above, "TXT", [octets("v=DMARC1; p=reject")]);
    return assertSaid(SUBJECT, dns, ["right", /^_dmarc\.example\.org\. holds/], site);
  });
  test("has none where there is none above", () => {
    const dns = new ScriptedResolver().has(above, "TXT", [octets("nothing")]);
    return assertSaid(SUBJECT, dns, ["missing"], site);
  });
  test("may have one that the DNS does not tell", () => {
    const dns = new ScriptedResolver().fails(above, "TXT", "timeout");
    return assertSaid(SUBJECT, dns, ["unknown"], site);
  });
  test("asks a few names, those above with it", async () => {
    const deep = facts({ domain: domain(`${"x.".repeat(40)}example.org`) });
    const dns = new ScriptedResolver();
    await checkRecords(deep, dns);
    assert.equal(dns.asked.filter((question) => question.startsWith("_dmarc.")).length, 8);
  });
});

describe("DKIM", () => {
  const key = { selector: "s1", algorithm: "rsa", publicKey: "QUJD" } as const;
  const site = facts({ dkimKeys: [key] });
  const CASES: readonly [string, Verdict, RegExp?][] = [
    ["v=DKIM1; k=rsa; p=QUJD", "right"],
    ["p=QU JD", "right"],
    ["v=DKIM1; t=s; p=QUJD;", "right"],
    ["v=DKIM1; k=ed25519; p=QUJD", "wrong", /kind/],
    ["v=DKIM1; p=QUJE", "wrong", /another key/],
    ["v=DKIM1; p=", "wrong", /revoked/],
  ];
  for (const [text, verdict, why] of CASES)
    test(`${text}: ${verdict}`, () => {
      const dns = published(site).has(name("s1._domainkey.example.org"), "TXT", [octets(text)]);
      return assertSaid("s1._domainkey.example.org. TXT (dkim)", dns, [verdict, why], site);
    });
});

describe("TLSA", () => {
  const own = { usage: 3, selector: 1, matchingType: 1, data: Uint8Array.of(0xab, 0xcd) };
  const other = { ...own, data: Uint8Array.of(1) };
  const CASES = [
    ["the key", [own], "right"],
    ["the key and the next one", [other, own], "right"],
    ["another key", [other], "wrong"],
    ["an authority's", [{ ...other, usage: 2, selector: 0 }], "unknown"],
  ] as const;
  for (const [what, records, verdict] of CASES)
    test(`${what}: ${verdict}`, () => {
      const dns = published().has(name("_25._tcp.mx.example.org"), "TLSA", records);
      return assertSaid("_25._tcp.mx.example.org. TLSA", dns, [verdict]);
    });

  test("whether the zone is signed is said where the resolver can tell", async () => {
    const at = name("_25._tcp.mx.example.org");
    for (const [validating, authentic, why] of [
      [true, false, "not signed by DNSSEC: nobody goes by it"],
      [true, true, undefined],
      [false, false, undefined],
    ] as const) {
      const dns = published().has(at, "TLSA", [own], { authentic });
      const said = await finding("_25._tcp.mx.example.org. TLSA", dns, facts({ validating }));
      assert.deepEqual([said.verdict, said.why], ["right", why]);
    }
  });
});

describe("SRV", () => {
  const CASES: readonly [string, string, readonly [number, string], Verdict, RegExp?][] = [
    ["the port", "_pop3s", [995, "mx.example.org"], "right"],
    ["another port", "_pop3s", [996, "mx.example.org"], "wrong", /elsewhere/],
    ["another host", "_pop3s", [995, "b.example"], "wrong", /elsewhere/],
    ["off while it is on", "_pop3s", [0, "."], "wrong", /no such service/],
    ["on while it is off", "_imap", [143, "b.example"], "right", /elsewhere/],
  ];
  for (const [what, service, [port, target], verdict, why] of CASES)
    test(`${what}: ${verdict}`, () => {
      const record = { priority: 7, weight: 9, port, target: name(target) };
      const dns = published().has(name(`${service}._tcp.example.org`), "SRV", [record]);
      return assertSaid(`${service}._tcp.example.org. SRV`, dns, [verdict, why]);
    });
});

describe("reverse DNS", () => {
  const PTR = "8.8.4.4 PTR";
  const named = (...names: readonly string[]): ScriptedResolver =>
    published().has(reverseName(ip("8.8.4.4")), "PTR", names.map(name));

  test("a name that leads nowhere", () => assertSaid(PTR, named("b.example"), ["wrong"]));
  test("a name that leads elsewhere", () => {
    const dns = named("b.example").has(name("b.example"), "A", [ip("9.9.9.9")]);
    return assertSaid(PTR, dns, ["wrong"]);
  });
  test("another name that leads back", () => {
    const dns = named("b.example").has(name("b.example"), "A", [ip("8.8.4.4")]);
    return assertSaid(PTR, dns, ["right", /not the name that we greet with/]);
  });
  test("ours among others that lead back", async () => {
    const dns = named("b.example", "mx.example.org");
    dns.has(name("b.example"), "A", [ip("8.8.4.4")]);
    assert.equal((await finding(PTR, dns)).why, undefined);
  });
  test("a name that nobody can ask for", () => {
    const dns = named("b.example").fails(name("b.example"), "A", "timeout");
    return assertSaid(PTR, dns, ["unknown"]);
  });
  test("of the host's published address, where the machine knows none", () => {
    const site = facts({ addresses: [] });
    const dns = published().has(name("mx.example.org"), "AAAA", [ip("2620:fe::9")]);
    return assertSaid(PTR, dns, ["right"], site);
  });
});

test("a finding shows the difference, and nothing that a terminal would obey", async () => {
  const dns = published().has(name("_dmarc.example.org"), "TXT", [octets("v=DMARC1; p=\x1b[2J")]);
  const text = findingsText(await checkRecords(facts({ domain: domain("example.org") }), dns));
  assert.match(text, /^right {5}example\.org\. MX$/m);
  assert.match(
    text,
    /^wrong {5}_dmarc\.example\.org\. TXT \(dmarc\)\n {10}it has no policy.*\n {10}wanted {2}"v=DMARC1; p=none.*\n {10}found {3}"v=DMARC1; p=\\027\[2J"$/m,
  );
  assert.match(text, /\n15 right, 1 wrong, 3 left out$/);
  assert.ok(!text.includes("\x1b"));
});
