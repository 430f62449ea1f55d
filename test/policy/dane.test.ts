/** DANE: when it applies, which records are of use, and certificates held against them. */
import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { describe, test } from "node:test";
import {
  daneOf,
  matchTlsa,
  TLSA_LIMIT,
  tlsaBases,
  tlsaName,
  usableOf,
  type DaneHost,
} from "../../src/policy/identity/index.ts";
import {
  parseName,
  type CertificateAssociation,
  type DnsName,
  type Resolution,
} from "../../src/protocol/dns/index.ts";
import { parseIp } from "../../src/mail/index.ts";
import { makeAuthority, makeCertificate } from "../support/certificates.ts";

const NOW = Date.now();
const DAY_MS = 86_400_000;

function name(text: string): DnsName {
  const parsed = parseName(text);
  assert.ok(parsed !== undefined, text);
  return parsed;
}

const MX = name("mx.foreign.example");
const END = name("real.foreign.example");
const LOOPBACK = parseIp("127.0.0.1");
assert.ok(LOOPBACK !== undefined);
const ADDRESSES = [LOOPBACK];

function addresses(authentic: boolean, at = MX): Resolution<"A"> {
  return { kind: "found", name: at, records: ADDRESSES, ttl: 300, authentic };
}

function alias(authentic: boolean): Resolution<"CNAME"> {
  return { kind: "found", name: MX, records: [END], ttl: 300, authentic };
}

function tlsa(records: readonly CertificateAssociation[], authentic = true): Resolution<"TLSA"> {
  return { kind: "found", name: MX, records, ttl: 300, authentic };
}

const SERVFAIL = { kind: "failed", why: "servfail" } as const;
const absent = (kind: "no-data" | "no-such-name", authentic: boolean) =>
  ({ kind, ttl: 300, authentic }) as const;

const DIGEST = new Uint8Array(32).fill(1);
const OWN: CertificateAssociation = { usage: 3, selector: 1, matchingType: 1, data: DIGEST };

describe("where TLSA records are asked for", () => {
  const host = (more: Partial<DaneHost>): DaneHost => ({
    name: MX,
    authentic: true,
    addresses: [addresses(true)],
    ...more,
  });
  const cases: [string, DaneHost, readonly DnsName[]][] = [
    ["all authentic", host({}), [MX]],
    ["MX records insecure", host({ authentic: false }), []],
    ["addresses insecure", host({ addresses: [addresses(false)] }), []],
    ["one of two insecure", host({ addresses: [addresses(true), addresses(false)] }), []],
    [
      "one found, one denied",
      host({ addresses: [absent("no-data", true), addresses(true)] }),
      [MX],
    ],
    ["no address", host({ addresses: [absent("no-such-name", true), SERVFAIL] }), []],
    ["a signed alias to a signed name", host({ addresses: [addresses(true, END)] }), [END, MX]],
    [
      "a signed alias to an insecure name",
      host({ addresses: [addresses(false, END)], alias: alias(true) }),
      [MX],
    ],
    ["an insecure alias", host({ addresses: [addresses(false, END)], alias: alias(false) }), []],
  ];
  for (const [what, asked, bases] of cases)
    test(what, () => assert.deepEqual(tlsaBases(asked), bases));

  test("below port and transport", () => {
    assert.equal(tlsaName(MX, 25), "_25._tcp.mx.foreign.example");
    const long = name(Array.from({ length: 62 }, () => "abc").join("."));
    assert.equal(tlsaName(long, 25), undefined);
  });
});

describe("what the answers mean", () => {
  const kindOf = (...answers: Resolution<"TLSA">[]) =>
    daneOf(answers.map((found, i) => ({ base: i === 0 ? END : MX, found }))).kind;

  test("matrix", () => {
    assert.equal(kindOf(tlsa([OWN])), "verify");
    assert.equal(kindOf(tlsa([OWN], false)), "none");
    assert.equal(kindOf(absent("no-such-name", true)), "none");
    assert.equal(kindOf(absent("no-data", false)), "none");
    assert.equal(kindOf(SERVFAIL), "wait");
    assert.equal(kindOf({ kind: "failed", why: "timeout" }), "wait");
    assert.equal(kindOf(tlsa([{ ...OWN, usage: 1 }])), "encrypt");
    assert.equal(kindOf(), "none");
  });

  test("the second name counts where the first has nothing, and only there", () => {
    assert.equal(kindOf(absent("no-data", true), tlsa([OWN])), "verify");
    assert.equal(kindOf(SERVFAIL, tlsa([OWN])), "wait");
    const both = daneOf([
      { base: END, found: tlsa([OWN]) },
      { base: MX, found: SERVFAIL },
    ]);
    assert.deepEqual(both, { kind: "verify", base: END, records: [OWN] });
  });
});

describe("records of use", () => {
  test("known numbers and digests of their length", () => {
    const useless: Partial<CertificateAssociation>[] = [
      { usage: 0 },
      { usage: 1 },
      { usage: 4 },
      { usage: 255 },
      { selector: 2 },
      { matchingType: 3 },
      { data: new Uint8Array(31) },
      { data: new Uint8Array(33) },
      { matchingType: 2 },
      { matchingType: 0, data: new Uint8Array() },
    ];
    for (const change of useless) assert.deepEqual(usableOf([{ ...OWN, ...change }]), []);
    const some = { ...OWN, usage: 2 };
    assert.deepEqual(usableOf([OWN, { ...OWN, usage: 0 }, some]), [OWN, some]);
  });

  test("the strongest digest alone, of each usage and selector", () => {
    const strong = { ...OWN, matchingType: 2, data: new Uint8Array(64) };
    const other = { ...OWN, selector: 0 };
    const whole = { ...OWN, matchingType: 0 };
    assert.deepEqual(usableOf([OWN, strong, other, whole]), [strong, other, whole]);
  });

  test("so many, and no more", () => {
    assert.equal(usableOf(Array.from({ length: 500 }, () => OWN)).length, TLSA_LIMIT);
  });
});

// ---- Certificates ----

const ROOT = await makeAuthority();
const MIDDLE = await makeAuthority("Middle", ROOT);
const GOOD = await makeCertificate({ by: ROOT });
const UNDER_MIDDLE = await makeCertificate({ by: MIDDLE });
const WRONG_NAME = await makeCertificate({ names: ["other.example"], by: ROOT });
const EXPIRED = await makeCertificate({ expired: true, by: ROOT });
const SELF_SIGNED = await makeCertificate();
const NAMES = ["mx.foreign.example", "foreign.example"];

type Numbers = `${2 | 3} ${0 | 1} ${0 | 1 | 2}`;

function recordOf(numbers: Numbers, certificate: X509Certificate): CertificateAssociation {
  const [usage = 0, selector = 0, matchingType = 0] = numbers.split(" ").map(Number);
  const whole =
    selector === 0
      ? certificate.raw
      : certificate.publicKey.export({ type: "spki", format: "der" });
  const digest = matchingType === 1 ? "sha256" : "sha512";
  const data = matchingType === 0 ? whole : createHash(digest).update(whole).digest();
  return { usage, selector, matchingType, data: Uint8Array.from(data) };
}

function matches(
  records: readonly CertificateAssociation[],
  shown: readonly X509Certificate[],
  names: readonly string[] = NAMES,
  now = NOW,
): boolean {
  return matchTlsa(records, shown, names, now).matches;
}

const SUFFIXES = ["0 0", "0 1", "0 2", "1 0", "1 1", "1 2"] as const;

describe("usage 3: its own certificate or key", () => {
  for (const suffix of SUFFIXES)
    test(`3 ${suffix}`, () => {
      const record = recordOf(`3 ${suffix}`, SELF_SIGNED.x509);
      assert.ok(matches([record], [SELF_SIGNED.x509]));
      assert.ok(!matches([record], [GOOD.x509]));
      assert.ok(!matches([record], []));
    });

  test("no name and no time counts", () => {
    for (const { x509 } of [WRONG_NAME, EXPIRED])
      assert.ok(matches([recordOf("3 1 1", x509)], [x509]));
  });

  test("one that is only shown beside it is not its own", () => {
    assert.ok(!matches([recordOf("3 1 1", GOOD.x509)], [SELF_SIGNED.x509, GOOD.x509]));
    assert.ok(!matches([recordOf("3 1 1", ROOT.x509)], [GOOD.x509, ROOT.x509]));
  });

  test("a new key is announced beside the old one", () => {
    const both = [recordOf("3 1 1", SELF_SIGNED.x509), recordOf("3 1 1", GOOD.x509)];
    for (const { x509 } of [SELF_SIGNED, GOOD]) assert.ok(matches(both, [x509]));
    assert.ok(!matches(both, [WRONG_NAME.x509]));
  });

  test("the reason names the record", () => {
    const { why } = matchTlsa([recordOf("3 1 1", GOOD.x509)], [GOOD.x509], [], NOW);
    assert.equal(why, "TLSA 3 1 1 fits its own certificate");
  });
});

describe("usage 2: an authority", () => {
  for (const suffix of SUFFIXES)
    test(`2 ${suffix}`, () => {
      const record = recordOf(`2 ${suffix}`, ROOT.x509);
      assert.ok(matches([record], [GOOD.x509, ROOT.x509]));
      assert.ok(!matches([record], [GOOD.x509]), "it must be shown");
      assert.ok(!matches([record], [SELF_SIGNED.x509, ROOT.x509]), "it must have signed");
    });

  const record = recordOf("2 0 1", ROOT.x509);

  test("names count, and a wildcard stands for one label", async () => {
    const path = [GOOD.x509, ROOT.x509];
    assert.ok(!matches([record], [WRONG_NAME.x509, ROOT.x509]));
    assert.ok(matches([record], path, ["other.example", "mx.foreign.example"]));
    assert.ok(!matches([record], path, ["foreign.example"]));
    assert.ok(!matches([record], path, []));
    const wild = await makeCertificate({ names: ["*.foreign.example"], by: ROOT });
    assert.ok(matches([record], [wild.x509, ROOT.x509], ["mx.foreign.example"]));
    assert.ok(!matches([record], [wild.x509, ROOT.x509], ["a.mx.foreign.example"]));
    assert.ok(!matches([record], [wild.x509, ROOT.x509], ["foreign.example"]));
    const partial = await makeCertificate({ names: ["m*.foreign.example"], by: ROOT });
    assert.ok(!matches([record], [partial.x509, ROOT.x509], ["mx.foreign.example"]));
  });

  test("times count: of its own certificate and of the authority", async () => {
    const old = await makeAuthority("Old", ROOT, { expired: true });
    const under = await makeCertificate({ by: old });
    assert.ok(!matches([record], [under.x509, old.x509, ROOT.x509]));
    assert.ok(!matches([record], [EXPIRED.x509, ROOT.x509]));
    for (const days of [-20, 20])
      assert.ok(!matches([record], [GOOD.x509, ROOT.x509], NAMES, NOW + days * DAY_MS));
  });

  test("over an authority between them, in any order", () => {
    const own = UNDER_MIDDLE.x509;
    assert.ok(matches([record], [own, MIDDLE.x509, ROOT.x509]));
    assert.ok(matches([record], [own, ROOT.x509, MIDDLE.x509]));
    assert.ok(matches([recordOf("2 0 1", MIDDLE.x509)], [own, MIDDLE.x509]));
    assert.ok(!matches([record], [own, ROOT.x509]));
  });

  test("an authority of the same name with another key has signed nothing", async () => {
    const twin = await makeAuthority();
    assert.ok(!matches([recordOf("2 0 1", twin.x509)], [GOOD.x509, twin.x509]));
  });

  test("a certificate that is no authority's vouches for nobody", async () => {
    const leaf = await makeAuthority("Leaf", ROOT, { ca: false });
    const under = await makeCertificate({ by: leaf });
    assert.ok(!matches([recordOf("2 0 1", leaf.x509)], [under.x509, leaf.x509]));
  });

  test("its own certificate is no authority", () => {
    assert.ok(!matches([recordOf("2 0 1", SELF_SIGNED.x509)], [SELF_SIGNED.x509]));
    const twice = [SELF_SIGNED.x509, SELF_SIGNED.x509];
    assert.ok(!matches([recordOf("2 0 1", SELF_SIGNED.x509)], twice));
  });

  test("a key of no known kind fits nothing and has signed nothing", () => {
    const octets = Buffer.from(ROOT.x509.raw);
    const at = octets.indexOf(Buffer.from("2a8648ce3d0201", "hex")); // id-ecPublicKey
    octets[at + 6] = 0x7f;
    const strange = new X509Certificate(octets);
    assert.throws(() => strange.publicKey);
    for (const suffix of SUFFIXES)
      assert.ok(!matches([recordOf(`2 ${suffix}`, ROOT.x509)], [GOOD.x509, strange]));
    assert.ok(!matches([recordOf("3 1 1", ROOT.x509)], [strange]));
  });

  test("many certificates end", () => {
    const many = Array.from({ length: 200 }, () => ROOT.x509);
    assert.ok(matches([record], [GOOD.x509, ...many]));
    assert.ok(!matches([recordOf("2 0 1", MIDDLE.x509)], [GOOD.x509, ...many, MIDDLE.x509]));
  });
});
