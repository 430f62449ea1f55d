/** Certificates by which users' programs log in, as an administrator enters them: what is done, and in which words the rest is refused. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import type { Outcome } from "../../src/app/index.ts";
import { CertificateAdministration, CERTIFICATES_PER_MAILBOX } from "../../src/app/certificates.ts";
import { keyDigest } from "../../src/policy/identity/index.ts";
import type { IssuedCertificate } from "../../src/operate/peering/index.ts";
import { domainOf, MemoryDirectory } from "../support/memory-directory.ts";

const NOW = Date.UTC(2026, 10, 28);
const [ONE, TWO] = ["1", "2"].map((digit) => digit.repeat(64));
const ANN = "ann@local.example";
const BOB = "bob@local.example";
const LONG = `${"a".repeat(64)}@local.example`;

class Office {
  readonly directory = new MemoryDirectory().withDomain("local.example");
  readonly issued: IssuedCertificate[] = [];
  readonly certificates = new CertificateAdministration({
    directory: this.directory,
    hostname: domainOf("mx.local.example"),
    now: () => NOW,
  });

  constructor() {
    for (const address of [ANN, BOB, LONG]) this.directory.withMailbox(address);
  }

  invite(address: string, name: string): Promise<Outcome> {
    const keep = async (issued: IssuedCertificate) => void this.issued.push(issued);
    return this.certificates.invite(address, name, 30, keep);
  }

  names(address: string): readonly string[] {
    const [local = "", domain = ""] = address.split("@");
    const { id } = this.directory.mailbox(local, domainOf(domain)) ?? assert.fail();
    return this.directory.certificates(id).map(({ name }) => name);
  }
}

type Act = (certificates: CertificateAdministration, office: Office) => Promise<Outcome>;

async function problem(act: Act, office = new Office()): Promise<string> {
  const outcome = await act(office.certificates, office);
  return outcome.kind === "problem" ? outcome.problem : "done";
}

async function done(act: Act, office: Office): Promise<void> {
  assert.equal(await problem(act, office), "done");
}

test("a certificate is added by its key, and removed by its name", async () => {
  const office = new Office();
  await done((a) => a.add("Ann@local.example", "laptop", `sha256:${ONE}`), office);
  await done((a) => a.add(ANN, "phone", `sha256:${TWO}`), office);
  assert.deepEqual(office.names(ANN), ["laptop", "phone"]);
  await done((a) => a.remove(ANN, "laptop"), office);
  assert.equal(office.directory.certificate(ONE ?? ""), undefined);
  assert.deepEqual(office.names(ANN), ["phone"]);
});

test("what is wrong is said, and a key is one mailbox's", async () => {
  const office = new Office();
  await done((a) => a.add(ANN, "laptop", `sha256:${ONE}`), office);
  const wrong: readonly (readonly [Act, RegExp])[] = [
    [(a) => a.add(BOB, "mine", `sha256:${ONE}`), /^this key is /],
    [(a) => a.add(ANN, "laptop", `sha256:${TWO}`), /^there is already a certificate "laptop"/],
    [(a) => a.add(ANN, "two words", `sha256:${TWO}`), /^"two words" cannot name a certificate; /],
    [(a) => a.add(ANN, "../up", `sha256:${TWO}`), /cannot name a certificate/],
    [(a) => a.add(ANN, "phone", "abc"), /^--pin abc: expected sha256: and 64 .* public key$/],
    [(a) => a.add("eve@local.example", "x", `sha256:${TWO}`), /^there is no mailbox eve@/],
    [(a) => a.remove(ANN, "phone"), /^there is no certificate "phone"$/],
    [(a) => a.remove(BOB, "laptop"), /^there is no certificate "laptop"$/],
    [(_, o) => o.invite(ANN, "laptop"), /^there is already a certificate "laptop"/],
    [(_, o) => o.invite("eve@local.example", "x"), /^there is no mailbox eve@/],
  ];
  for (const [act, expected] of wrong) assert.match(await problem(act, office), expected);
  assert.deepEqual(office.issued, []);
});

test("a mailbox has so many and no more", async () => {
  const office = new Office();
  for (let n = 0; n < CERTIFICATES_PER_MAILBOX; n++) {
    const pin = `sha256:${String(n).padStart(64, "0")}`;
    await done((a) => a.add(ANN, `n${n}`, pin), office);
  }
  assert.match(
    await problem((a) => a.add(ANN, "last", `sha256:${ONE}`), office),
    /^ann@local\.example has 50 certificates, which is the limit$/,
  );
  assert.match(await problem((_, o) => o.invite(ANN, "last"), office), /which is the limit$/);
});

test("one that is made is for clients, names the mailbox, and is entered by its key with its end", async () => {
  const office = new Office();
  await done((_, o) => o.invite(ANN, "laptop"), office);
  const { certificate, pin, expiresAt } = office.issued[0] ?? assert.fail();
  const own = new X509Certificate(certificate);
  assert.equal(keyDigest(own), pin);
  assert.equal(own.subject, `CN=${ANN}`);
  assert.deepEqual(own.keyUsage, ["1.3.6.1.5.5.7.3.2"], "for clients");
  assert.equal(own.validToDate.getTime(), expiresAt);
  const entry = office.directory.certificate(pin) ?? assert.fail();
  assert.deepEqual([entry.name, entry.expiresAt], ["laptop", NOW + 30 * 86_400_000]);
  await done((_, o) => o.invite(BOB, "laptop"), office);
  const issuers = office.issued.map((one) => new X509Certificate(one.certificate).issuer);
  assert.deepEqual(issuers, ["CN=Clients of mx.local.example", "CN=Clients of mx.local.example"]);
});

test("an address that is too long for a common name gives way to the certificate's own", async () => {
  const office = new Office();
  await done((_, o) => o.invite(LONG, "laptop"), office);
  const own = new X509Certificate(office.issued[0]?.certificate ?? "");
  assert.equal(own.subject, "CN=laptop");
});
