/** From the configuration to ports: which address, which port, how TLS begins, who may speak for others. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { listenerKey, plannedListeners, type PlannedListener } from "../../src/app/listeners.ts";
import { loadConfig } from "../../src/config/index.ts";

const TLS = '[tls]\ncertificate = "c.pem"\nkey = "k.pem"\n';

function planned(t: TestContext, text: string): readonly PlannedListener[] {
  const dir = mkdtempSync(join(tmpdir(), "gatepost-listeners-"));
  t.after(() => rmSync(dir, { recursive: true }));
  const file = join(dir, "gatepost.toml");
  writeFileSync(file, `hostname = "mx.local.example"\npostmaster = "admin@local.example"\n${text}`);
  return plannedListeners(loadConfig(file).config);
}

/** A listener in one line. */
function line({
  service,
  name,
  setting,
  address,
  port,
  implicitTls,
  startTls,
  proxyFrom,
}: PlannedListener): string {
  assert.equal(name, service);
  assert.equal(setting, `listen.${service}`);
  const tls = `${implicitTls ? " implicit" : ""}${startTls ? " starttls" : ""}`;
  return `${service} ${address} ${port}${tls}${proxyFrom.map((block) => ` ${block.text}`).join("")}`;
}

const ALL =
  '[listen]\nsmtp = ["0.0.0.0", "::"]\nsubmission = ["127.0.0.1"]\nsubmissions = ["127.0.0.1"]\npop3 = ["127.0.0.1"]\npop3s = ["127.0.0.1"]\nhttp = ["127.0.0.1"]\nhttps = ["127.0.0.1"]\n';

test("each service has its port and its way to TLS", (t) => {
  assert.deepEqual(planned(t, ALL + TLS).map(line), [
    "smtp 0.0.0.0 25 starttls",
    "smtp :: 25 starttls",
    "submission 127.0.0.1 587 starttls",
    "submissions 127.0.0.1 465 implicit",
    "pop3 127.0.0.1 110 starttls",
    "pop3s 127.0.0.1 995 implicit",
    "http 127.0.0.1 80",
    "https 127.0.0.1 443 implicit",
  ]);
});

test("clients are asked for a certificate where that is wanted", (t) => {
  const asks = (service: string) =>
    `${service} = ["127.0.0.1", { address = "::1", client_certificate = "ask" }]\n`;
  const services = ["smtp", "submission", "submissions"];
  const text = `[listen]\n${services.map(asks).join("")}pop3 = ["::1"]\n${TLS}`;
  const asking = planned(t, text).map((one) => [one.service, one.asksCertificate]);
  assert.deepEqual(asking, [
    ...services.flatMap((service) => [
      [service, false],
      [service, true],
    ]),
    ["pop3", false],
  ]);
});

test("the base is added to the usual ports, not to one that was named", (t) => {
  const text = '[listen]\nport_base = 10000\nsmtp = ["::1", { address = "::1", port = 2525 }]\n';
  assert.deepEqual(planned(t, text).map(line), ["smtp ::1 10025", "smtp ::1 2525"]);
});

test("without a certificate nothing offers TLS", (t) => {
  const text =
    '[listen]\nsmtp = ["::1"]\npop3 = ["::1"]\npop3s = [{ address = "::1", tls = "off" }]\n';
  assert.deepEqual(planned(t, text).map(line), ["smtp ::1 25", "pop3 ::1 110", "pop3s ::1 995"]);
});

test("any listener may begin TLS in another way, or not at all", (t) => {
  const text =
    '[listen]\nsmtp = [{ address = "::1", tls = "implicit" }, { address = "::1", tls = "off" }]\npop3s = [{ address = "::1", tls = "starttls" }]\n';
  assert.deepEqual(planned(t, text + TLS).map(line), [
    "smtp ::1 25 implicit",
    "smtp ::1 25",
    "pop3s ::1 995 starttls",
  ]);
});

test("proxies belong to their own listener", (t) => {
  const text =
    '[listen]\nsmtp = [{ address = "::1", proxy_from = ["10.0.0.7", "fd00::/8"] }, "127.0.0.1"]\n';
  assert.deepEqual(planned(t, text).map(line), [
    "smtp ::1 25 10.0.0.7/32 fd00::/8",
    "smtp 127.0.0.1 25",
  ]);
});

test("nothing is opened that was not asked for", (t) => {
  assert.deepEqual(planned(t, TLS), []);
});

test("a reload leaves a port open as long as address and port stay, whatever else changes", (t) => {
  const key = (text: string) => planned(t, text).map(listenerKey).join();
  const smtp = key('[listen]\nsmtp = ["::1"]\n');
  for (const same of [
    '[listen]\nsmtp = [{ address = "::1", port = 25, tls = "off" }]\n',
    '[listen]\npop3 = [{ address = "::1", port = 25 }]\n',
    `[listen]\nsmtp = [{ address = "::1", tls = "implicit" }]\n${TLS}`,
    '[listen]\nsmtp = [{ address = "::1", proxy_from = ["10.0.0.7"] }]\n',
  ])
    assert.equal(key(same), smtp, same);
  for (const other of [
    '[listen]\nsmtp = ["127.0.0.1"]\n',
    '[listen]\npop3 = ["::1"]\n',
    '[listen]\nsmtp = [{ address = "::1", port = 26 }]\n',
  ])
    assert.notEqual(key(other), smtp, other);
});
