/** Peers as an administrator enters them: what is done, what is proved, and in which words the rest is refused. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import { PeerAdministration, type Outcome } from "../../src/app/index.ts";
import type { IssuedCertificate } from "../../src/operate/peering/index.ts";
import { makeAuthority, makeCertificate } from "../support/certificates.ts";
import { domainOf, MemoryDirectory } from "../support/memory-directory.ts";

const NOW = Date.UTC(2026, 10, 28);
const [ONE, TWO, THREE] = ["1", "2", "3"].map((digit) => digit.repeat(64));
const PUBLIC_ROOT = await makeAuthority("Public Root");
const PAIR = "bravo.example:foreign.example";

class Office {
  readonly directory = new MemoryDirectory().withDomain("local.example");
  readonly proved: string[] = [];
  report: string | undefined;
  readonly issued: IssuedCertificate[] = [];
  readonly peers = new PeerAdministration({
    directory: this.directory,
    hostname: domainOf("mx.local.example"),
    isOurs: (domain) => domain === "inner.example" || this.directory.domain(domain) !== undefined,
    publicAuthorities: () => [PUBLIC_ROOT.pem],
    now: () => NOW,
    prove: async (after) => {
      this.proved.push(
        after
          .peers()
          .map(({ name, relays }) => `${name} ${relays.length}`)
          .join(),
      );
      return this.report;
    },
  });

  invite(name: string, relays?: readonly string[]): Promise<Outcome> {
    const wanted = { days: 30, ...(relays !== undefined && { relays }) };
    return this.peers.invite(name, wanted, async (issued) => void this.issued.push(issued));
  }

  known(name: string): readonly unknown[] {
    const { trust, relays } = this.directory.peer(name) ?? assert.fail();
    return [trust, relays.map(({ sender, recipient }) => `${sender}:${recipient}`)];
  }
}

type Act = (peers: PeerAdministration, office: Office) => Promise<Outcome>;

async function problem(act: Act, office = new Office()): Promise<string> {
  const outcome = await act(office.peers, office);
  return outcome.kind === "problem" ? outcome.problem : "done";
}

async function done(act: Act, office: Office): Promise<void> {
  assert.equal(await problem(act, office), "done");
}

test("a peer is added, changed and removed, each time proved before it counts", async () => {
  const office = new Office();
  const pins = [`sha256:${ONE}`, `sha256:${TWO}`];
  await done(
    (a) => a.add("bravo", { trust: { pins }, relays: ["Bravo.example:foreign.example", PAIR] }),
    office,
  );
  assert.deepEqual(office.known("bravo"), [{ kind: "pin", keys: [ONE, TWO] }, [PAIR]]);
  await done((a) => a.change("bravo", { trust: { pins: [`sha256:${THREE}`] } }), office);
  assert.deepEqual(office.known("bravo"), [{ kind: "pin", keys: [THREE] }, [PAIR]]);
  await done((a) => a.change("bravo", { relays: [] }), office);
  assert.deepEqual(office.known("bravo")[1], []);
  await done(
    (a) => a.change("bravo", { trust: { publicAuthority: true, names: ["mx.bravo.example"] } }),
    office,
  );
  await done((a) => a.remove("bravo"), office);
  assert.deepEqual(office.proved, ["bravo 1", "bravo 1", "bravo 0", "bravo 0", ""]);
});

test("what fails the proof is not done", async () => {
  const office = new Office();
  office.report = "R21g relayed";
  const said = await problem((a) => a.add("bravo", { trust: { pins: [`sha256:${ONE}`] } }), office);
  assert.match(said, /^the relay proof fails with this change:\nR21g relayed/);
  assert.equal(office.directory.peer("bravo"), undefined);
});

test("a peer of a private authority may relay for pairs, one of a public authority may not", async () => {
  const office = new Office();
  const authority = (await makeAuthority()).pem;
  const names = ["MX.bravo.example"];
  await done((a) => a.add("bravo", { trust: { authority, names }, relays: [PAIR] }), office);
  const [trust] = office.known("bravo");
  assert.deepEqual(trust, {
    kind: "private authority",
    authority: new X509Certificate(authority).toString(),
    names: ["mx.bravo.example"],
  });
  const open = { publicAuthority: true, names } as const;
  assert.match(
    await problem((a) => a.add("charlie", { trust: open, relays: [PAIR] })),
    /^charlie may not relay: /,
  );
  assert.match(
    await problem((a) => a.change("bravo", { trust: open }), office),
    /^bravo may not relay: /,
    "it has a pair",
  );
  await done((a) => a.change("bravo", { trust: open, relays: [] }), office);
});

test("a public authority is no private one, for whoever calls it that", async () => {
  const names = ["mx.bravo.example"];
  const signed = await makeAuthority("Its Own", PUBLIC_ROOT);
  for (const authority of [PUBLIC_ROOT.pem, signed.pem]) {
    const trust = { authority, names };
    const said = /^--ca: this authority signs for everybody/;
    assert.match(await problem((a) => a.add("bravo", { trust, relays: [PAIR] })), said);
    assert.match(await problem((a) => a.add("bravo", { trust })), said, "nor without a pair");
    const office = new Office();
    await done((a) => a.add("bravo", { trust: { pins: [`sha256:${ONE}`] } }), office);
    assert.match(await problem((a) => a.change("bravo", { trust }), office), said);
  }
});

test("what is wrong with a peer is said", async () => {
  const pins = [`sha256:${ONE}`];
  const leaf = (await makeCertificate()).certificate;
  const authority = (await makeAuthority()).pem;
  const names = ["mx.bravo.example"];
  const add =
    (what: Parameters<PeerAdministration["add"]>[1], name = "bravo"): Act =>
    (a) =>
      a.add(name, what);
  const wrong: readonly (readonly [Act, RegExp])[] = [
    [
      add({ trust: { pins } }, "two words"),
      /^"two words" cannot name a peer; expected 1 to 64 letters/,
    ],
    [add({ trust: { pins } }, "../up"), /cannot name a peer/],
    [add({}), /^expected one of --pin, --ca and --public/],
    [add({ trust: { pins, publicAuthority: true, names } }), /^expected one of/],
    [add({ trust: { pins: ["abc"] } }), /^--pin abc: expected sha256: and 64/],
    [
      add({ trust: { pins: [ONE, TWO, THREE].map((pin) => `sha256:${pin}`) } }),
      /at most 2 pinned keys/,
    ],
    [add({ trust: { pins, names } }), /needs no --name/],
    [add({ trust: { publicAuthority: true } }), /^expected a --name/],
    [add({ trust: { publicAuthority: true, names: ["*.bravo.example"] } }), /^--name \*\.bravo/],
    [add({ trust: { authority: "", names } }), /expected one certificate in PEM, and found 0/],
    [add({ trust: { authority: authority + leaf, names } }), /and found 2/],
    [add({ trust: { authority: leaf, names } }), /no authority's/],
    [add({ trust: { authority: "-----BEGIN CERTIFICATE-----", names } }), /cannot be read/],
    [
      add({ trust: { pins }, relays: ["*:foreign.example"] }),
      /^--relay \*:foreign\.example: expected two domains/,
    ],
    [add({ trust: { pins }, relays: ["bravo.example:*"] }), /none stands for others/],
    [add({ trust: { pins }, relays: ["bravo.example"] }), /expected two domains/],
    [add({ trust: { pins }, relays: [`${PAIR}:x.example`] }), /expected two domains/],
    [
      add({ trust: { pins }, relays: ["bravo.example:local.example"] }),
      /mail for local\.example stays here/,
    ],
    [
      add({ trust: { pins }, relays: ["bravo.example:inner.example"] }),
      /mail for inner\.example stays here/,
    ],
    [(a) => a.change("nobody", { relays: [] }), /^there is no peer nobody$/],
    [(a) => a.remove("nobody"), /^there is no peer nobody$/],
  ];
  for (const [act, expected] of wrong) assert.match(await problem(act), expected);
});

test("whoever is invited has a certificate of this site's authority, and is known by its key", async () => {
  const office = new Office();
  await done((_, o) => o.invite("bravo", [PAIR]), office);
  const { certificate, pin, expiresAt } = office.issued[0] ?? assert.fail();
  assert.deepEqual(office.known("bravo"), [{ kind: "pin", keys: [pin] }, [PAIR]]);
  assert.equal(office.directory.peer("bravo")?.expiresAt, expiresAt);
  assert.equal(expiresAt, NOW + 30 * 86_400_000);
  const authority = new X509Certificate(office.directory.peerAuthority()?.certificate ?? "");
  const own = new X509Certificate(certificate);
  assert.ok(
    own.checkIssued(authority) && own.verify(authority.publicKey) && authority.ca && !own.ca,
  );
  assert.deepEqual(own.keyUsage, ["1.3.6.1.5.5.7.3.2"], "for clients");
  assert.equal(own.subject, "CN=bravo");
  assert.equal(own.validToDate.getTime(), expiresAt);
});

test("an invitation again is a new key beside the old one, of the same authority; the pairs stay", async () => {
  const office = new Office();
  for (const relays of [[PAIR], undefined]) await done((_, o) => o.invite("bravo", relays), office);
  const keys = office.issued.map(({ pin }) => pin);
  assert.deepEqual(office.known("bravo"), [{ kind: "pin", keys }, [PAIR]]);
  assert.match(
    await problem((_, o) => o.invite("bravo"), office),
    /has 2 pinned keys already; `peer change bravo --pin`/,
  );
  assert.equal(new Set(keys).size, 2);
  const issuers = office.issued.map((one) => new X509Certificate(one.certificate).issuer);
  assert.deepEqual(issuers, ["CN=Clients of mx.local.example", "CN=Clients of mx.local.example"]);
  await done((a) => a.change("bravo", { trust: { pins: [`sha256:${keys[1]}`] } }), office);
  await done((_, o) => o.invite("bravo", []), office);
  assert.deepEqual(office.known("bravo")[1], []);
});

test("a peer of an authority is not invited", async () => {
  const office = new Office();
  const trust = { publicAuthority: true, names: ["mx.bravo.example"] } as const;
  await done((a) => a.add("bravo", { trust }), office);
  assert.match(
    await problem((_, o) => o.invite("bravo"), office),
    /^bravo is known by an authority/,
  );
  assert.equal(office.directory.peerAuthority(), undefined);
  assert.deepEqual(office.issued, []);
});
