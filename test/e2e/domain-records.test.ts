/** `gatepost domain records`, as an operator calls it, before a DNS server that a test fills. */
import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test, type TestContext } from "node:test";

import { DnsServer } from "../net/dns-server.ts";
import { run, type Run } from "../interop/support/programs.ts";
import { GATEPOST } from "../interop/support/site.ts";
import { Zone } from "../support/zone.ts";
import { makeCertificate, type Made } from "../support/certificates.ts";
import { newSite, type Site } from "./site.ts";

describe("gatepost domain records", () => {
  let site: Site;
  before(async () => {
    site = await newSite();
  });
  after(() => site.remove());

  function records(...args: readonly string[]): Promise<Run> {
    return run(GATEPOST, ["domain", "records", ...args, "--config", site.file]);
  }

  test("prints the zone's lines, with the certificate's own key", async () => {
    const { code, stdout, stderr } = await records("local.example");
    assert.equal(code, 0, stderr);
    const lines = stdout.toString().split("\n");
    assert.ok(lines.includes("local.example. 3600 IN MX 10 mx.local.example."));
    assert.ok(lines.includes("_pop3s._tcp.local.example. 3600 IN SRV 0 1 995 mx.local.example."));
    const { publicKey } = new X509Certificate(readFileSync(join(site.dir, "tls/certificate.pem")));
    const der = publicKey.export({ type: "spki", format: "der" });
    const key = createHash("sha256").update(der).digest("hex");
    assert.ok(lines.includes(`_25._tcp.mx.local.example. 3600 IN TLSA 3 1 1 ${key}`));
  });

  test("of the domain that relay tests come back to: the way in, and nothing else", async () => {
    const set = ["--set", 'tester.domain="tests.local.example"'];
    const { code, stdout, said } = await records("tests.local.example", ...set);
    assert.equal(code, 0, said);
    const text = stdout.toString();
    assert.match(text, /^; Records of tests\.local\.example for relay tests\./);
    assert.match(text, /^tests\.local\.example\. 3600 IN MX 10 mx\.local\.example\.$/m);
    assert.doesNotMatch(text, / TXT | SRV | CNAME /);
    assert.equal((await records("tests.local.example")).code, 1);
  });

  test("has the key of the certificate that is shown for the host's name", async () => {
    const write = (name: string, { certificate, key }: Made): string => {
      writeFileSync(join(site.dir, `${name}.pem`), certificate);
      writeFileSync(join(site.dir, `${name}-key.pem`), key);
      return `certificate = "${name}.pem", key = "${name}-key.pem"`;
    };
    const host = await makeCertificate({ names: ["mx.local.example"] });
    const other = await makeCertificate({ names: ["www.local.example"] });
    const tls = `tls={ ${write("other", other)}, sni = [{ ${write("host", host)} }] }`;
    const { stdout, said } = await records("local.example", "--set", tls);
    const der = host.x509.publicKey.export({ type: "spki", format: "der" });
    const key = createHash("sha256").update(der).digest("hex");
    assert.match(stdout.toString(), new RegExp(`TLSA 3 1 1 ${key}$`, "m"), said);
  });

  test("says the same as JSON, and knows what is set", async () => {
    const { code, stdout, stderr } = await records(
      "local.example",
      "--json",
      "--set",
      "listen.pop3=[]",
      "--set",
      'routes={ "*" = "smtp://smart.example.net" }',
    );
    assert.equal(code, 0, stderr);
    const all = JSON.parse(stdout.toString()) as { name: string; type: string; data: string[] }[]; // our own words
    const data = (name: string, type: string): readonly string[] | undefined =>
      all.find((one) => one.name === name && one.type === type)?.data;
    assert.deepEqual(data("_pop3._tcp.local.example.", "SRV"), ["0 0 0 ."]);
    assert.deepEqual(data("local.example.", "TXT"), ['"v=spf1 mx a:smart.example.net ~all"']);
  });

  test("is about domains of this site only, and needs a certificate that can be read", async () => {
    const { code, said } = await records("foreign.example");
    assert.equal(code, 1);
    assert.match(said, /foreign\.example is no domain of this site/);
    const file = join(site.dir, "broken.pem");
    writeFileSync(file, "no certificate");
    const broken = await records("local.example", "--set", 'tls.certificate="broken.pem"');
    rmSync(file);
    assert.equal(broken.code, 1);
    assert.match(broken.said, /broken\.pem: .*expected a certificate in PEM/);
  });

  async function zone(t: TestContext): Promise<{ zone: Zone; dns: DnsServer }> {
    const dns = await DnsServer.start(t);
    const filled = new Zone(dns)
      .mx("local.example", "10 mx.local.example")
      .a("mx.local.example", "8.8.4.4")
      .ptr("4.4.8.8.in-addr.arpa", "mx.local.example")
      .txt("local.example", "v=spf1 mx -all", "some-verification=1")
      .txt("_dmarc.local.example", "v=DMARC1; p=reject; rua=mailto:postmaster@local.example");
    for (const [service, port] of [
      ["submissions", 465],
      ["submission", 587],
      ["pop3s", 995],
      ["pop3", 110],
    ] as const)
      filled.srv(`_${service}._tcp.local.example`, port, "mx.local.example");
    return { zone: filled, dns };
  }

  function check(dns: DnsServer, ...more: readonly string[]): Promise<Run> {
    const servers = `dns.servers=["127.0.0.1:${dns.port}"]`;
    return records("local.example", "--check", "--set", servers, ...more);
  }

  test("--check is content with a zone that has all of it", async (t) => {
    const { dns } = await zone(t);
    const { code, said } = await check(dns);
    assert.equal(code, 0, said);
    assert.match(said, /^right {5}local\.example\. MX$/m);
    assert.match(said, /^right {5}8\.8\.4\.4 PTR$/m);
    assert.doesNotMatch(said, /^(?:missing|wrong|unknown)/m);
  });

  test("--check ends with 1 where something is missing or wrong, and says which", async (t) => {
    const { zone: filled, dns } = await zone(t);
    filled.srv("_pop3s._tcp.local.example", 996, "mx.local.example");
    filled.txt("_dmarc.local.example");
    const { code, said } = await check(dns);
    assert.equal(code, 1, said);
    assert.match(said, /^missing {3}_dmarc\.local\.example\. TXT \(dmarc\)$/m);
    assert.match(
      said,
      /^wrong {5}_pop3s\._tcp\.local\.example\. SRV\n.*\n {10}wanted {2}0 1 995 .*\n {10}found {3}0 1 996 /m,
    );
    const json = await check(dns, "--json");
    assert.equal(json.code, 1);
    const all = JSON.parse(json.stdout.toString()) as { subject: string; verdict: string }[]; // our own words
    assert.deepEqual(
      all.filter(({ verdict }) => verdict !== "right" && verdict !== "left out").length,
      2,
    );
  });

  test("--check takes silence for no answer, and ends with 0", async (t) => {
    const { dns } = await zone(t);
    dns.script = () => [];
    const { code, said } = await check(dns, "--set", "dns.deadline_ms=300");
    assert.equal(code, 0, said);
    assert.match(
      said,
      /^unknown {3}local\.example\. MX\n {10}the DNS did not answer \(timeout\)$/m,
    );
    assert.doesNotMatch(said, /^(?:missing|wrong|right)/m);
  });
});
