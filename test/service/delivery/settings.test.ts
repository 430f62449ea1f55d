/** Routes as the operator writes them, as URLs and as tables, and passwords that only he may read. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { HostRoute } from "../../../src/policy/routing/index.ts";
import { openRoutes, type RoutesSettings } from "../../../src/service/delivery/index.ts";
import { deliverySchema, routesSchema } from "../../../src/service/delivery/settings.ts";
import { makeAuthority } from "../../support/certificates.ts";

/** The one route that is written so. */
function route(written: unknown): unknown {
  return routesSchema.parse({ "*": written }).get("*");
}

const INNER = { kind: "name", name: "inner.example" } as const;
const me = (password: object) => ({ name: "me", password });

test("a URL or a table says where, and how", () => {
  const secret = { kind: "text", text: "s:3c@ret" };
  const equal: [unknown, object][] = [
    ["smtp://inner.example", { host: INNER, port: 25, tls: "opportunistic" }],
    ["smtp://inner.example:2525/", { host: INNER, port: 2525, tls: "opportunistic" }],
    ["smtps://INNER.example", { host: INNER, port: 465, tls: "at once" }],
    [
      "smtp://10.0.0.2:25",
      { host: { kind: "address", ip: "10.0.0.2" }, port: 25, tls: "opportunistic" },
    ],
    [
      "smtp://[2001:DB8::1]:25",
      { host: { kind: "address", ip: "2001:db8::1" }, port: 25, tls: "opportunistic" },
    ],
    ["smtp://[IPv6:::1]", { host: { kind: "address", ip: "::1" }, port: 25, tls: "opportunistic" }],
    [
      "smtp://me:s%3A3c%40ret@inner.example:587",
      { host: INNER, port: 587, tls: "required", login: me(secret) },
    ],
    ["lmtp://inner.example", { protocol: "lmtp", host: INNER, port: 24, tls: "opportunistic" }],
    [
      "lmtp://127.0.0.1:2003",
      {
        protocol: "lmtp",
        host: { kind: "address", ip: "127.0.0.1" },
        port: 2003,
        tls: "opportunistic",
      },
    ],
    [
      { protocol: "lmtp", host: "inner.example", tls: "off" },
      { protocol: "lmtp", host: INNER, port: 24, tls: "off" },
    ],
    [
      { protocol: "smtp", host: "inner.example" },
      { host: INNER, port: 25, tls: "opportunistic" },
    ],
    [{ host: "inner.example" }, { host: INNER, port: 25, tls: "opportunistic" }],
    [
      { host: "inner.example", tls: "implicit" },
      { host: INNER, port: 465, tls: "at once" },
    ],
    [
      { host: "inner.example", port: 587, login: "me", password_file: "secret" },
      { host: INNER, port: 587, tls: "required", login: me({ kind: "file", file: "secret" }) },
    ],
    [
      { host: "inner.example", tls: "required", tls_verify: true },
      { host: INNER, port: 25, tls: "required", trust: { kind: "authority" } },
    ],
    [
      { host: "inner.example", tls: "implicit", tls_verify: false },
      { host: INNER, port: 465, tls: "at once", trust: { kind: "any" } },
    ],
    [
      { host: "inner.example", tls: "required", ca: "ca.pem" },
      { host: INNER, port: 25, tls: "required", trust: { kind: "authority file", file: "ca.pem" } },
    ],
    [
      { host: "inner.example", tls: "required", pin: `sha256:${"AB:".repeat(31)}AB` },
      { host: INNER, port: 25, tls: "required", trust: { kind: "pin", sha256: "ab".repeat(32) } },
    ],
  ];
  for (const [written, read] of equal) assert.deepEqual(route(written), read);
});

test("what could be read in two ways, or would show a password, is no route", () => {
  const faulty: unknown[] = [
    "inner.example",
    "http://inner.example",
    "smtp://",
    "smtp://127.1",
    "smtp://[10.0.0.2",
    "smtp://inner.example:0",
    "smtp://inner.example:65536",
    "smtp://inner.example/path",
    "smtp://me@inner.example",
    "smtp://me:%zz@inner.example",
    "smtp://a:b@c@inner.example",
    "smtp://inner example",
    {},
    "lmtp://inner.example:25",
    "lmtps://inner.example",
    { protocol: "lmtp", host: "inner.example", port: 25 },
    { protocol: "lmtp", host: "inner.example", tls: "implicit" },
    { protocol: "uucp", host: "inner.example" },
    { host: "inner.example", port: 0 },
    { host: "in ner" },
    { host: "inner.example", login: "me" },
    { host: "inner.example", password: "x" },
    { host: "inner.example", login: "me", password: "x", password_file: "y" },
    { host: "inner.example", login: "me", password: "x", tls: "opportunistic" },
    { host: "inner.example", login: "me", password: "x", tls: "off" },
    { host: "inner.example", verify: true },
    { host: "inner.example", tls_verify: true },
    { host: "inner.example", tls: "off", pin: `sha256:${"ab".repeat(32)}` },
    { host: "inner.example", tls: "required", pin: "ab".repeat(32) },
    { host: "inner.example", tls: "required", pin: "" },
    { host: "inner.example", tls: "required", pin: `sha256:${"ab".repeat(32)}`, ca: "ca.pem" },
    { host: "inner.example", tls: "required", tls_verify: false, ca: "ca.pem" },
  ];
  for (const written of faulty) assert.throws(() => route(written), JSON.stringify(written));
  assert.throws(() => routesSchema.parse({ "*.example": "smtp://inner.example" }));
});

test("the addresses to send from are of their family", () => {
  assert.equal(deliverySchema.parse({ address: "192.0.2.1" }).address, "192.0.2.1");
  assert.equal(deliverySchema.parse({ address_v6: "2001:DB8::1" }).address_v6, "2001:db8::1");
  for (const faulty of [{ address: "::1" }, { address_v6: "127.0.0.1" }, { address: "mx.example" }])
    assert.throws(() => deliverySchema.parse(faulty));
});

/** The one route, to a host, with what stands in files of this directory. */
function opened(settings: RoutesSettings, home: string): HostRoute | undefined {
  const read = openRoutes(settings, (relative) => join(home, relative)).get("*");
  return read === undefined || "socket" in read ? undefined : read;
}

test("a socket is a path, and there is one way to write it down", () => {
  for (const written of ["lmtp:/run/dovecot/lmtp", "LMTP:unix:/run/dovecot/lmtp"])
    assert.deepEqual(route(written), { socket: "/run/dovecot/lmtp" });
  const settings = routesSchema.parse({ "*": "lmtp:/run/dovecot/lmtp" });
  assert.deepEqual([...openRoutes(settings, String)], [["*", { socket: "/run/dovecot/lmtp" }]]);
  for (const written of ["lmtp:private/dovecot-lmtp", "lmtp:unix:private/dovecot-lmtp"])
    assert.throws(
      () => route(written),
      /private\/dovecot-lmtp\\?" is no absolute path of a socket .*expected one such as lmtp:\/run\/dovecot\/lmtp; Postfix would read it below/,
    );
  for (const written of ["lmtp:", "lmtp:///run/dovecot/lmtp", "smtp:/run/lmtp", "unix:/run/lmtp"])
    assert.throws(() => route(written), written);
  assert.throws(() => route({ protocol: "lmtp", host: "/run/dovecot/lmtp" }));
});

// ---- Passwords in files ----

function openWith(t: TestContext, content: string, mode: number): unknown {
  const home = mkdtempSync(join(tmpdir(), "gatepost-routes-"));
  t.after(() => rmSync(home, { recursive: true }));
  writeFileSync(join(home, "secret"), content);
  chmodSync(join(home, "secret"), mode);
  const settings = routesSchema.parse({
    "*": { host: "inner.example", login: "me", password_file: "secret" },
  });
  return opened(settings, home)?.login;
}

test("a password may stand in a file of its owner's", (t) => {
  assert.deepEqual(openWith(t, "s3cret\n", 0o600), { name: "me", password: "s3cret" });
  assert.deepEqual(openWith(t, "s3 cret", 0o400), { name: "me", password: "s3 cret" });
});

test("a file that others may read, or that is no password, is refused in words", (t) => {
  for (const mode of [0o640, 0o604, 0o620])
    assert.throws(() => openWith(t, "s3cret", mode), /"\*"\.password_file: .* chmod 600 it/);
  for (const content of ["", "\n", "a\nb\n", "a\0"])
    assert.throws(() => openWith(t, content, 0o600), /is not one line with a password/);
  assert.throws(() => openWith(t, "x".repeat(2000), 0o600), /more than 1024 octets/);
  const settings = routesSchema.parse({
    "*": { host: "inner.example", login: "me", password_file: "gone" },
  });
  assert.throws(() => openRoutes(settings, () => "/nonexistent/gone"), /password_file: ENOENT/);
});

// ---- Authorities in files ----

test("a route's authorities stand in a file, each of them readable", async (t) => {
  const home = mkdtempSync(join(tmpdir(), "gatepost-routes-"));
  t.after(() => rmSync(home, { recursive: true }));
  const file = join(home, "ca.pem");
  const settings = routesSchema.parse({
    "*": { host: "inner.example", tls: "required", ca: "ca.pem" },
  });
  const open = () => opened(settings, home)?.trust;
  assert.throws(open, /"\*"\.ca: ENOENT/);
  const pems = [(await makeAuthority("A")).pem, (await makeAuthority("B")).pem];
  writeFileSync(file, `# ours\n${pems.join("")}`);
  const trust = open();
  assert.ok(trust?.kind === "authority");
  assert.equal(trust.authorities?.length, 2);
  writeFileSync(file, "nothing");
  assert.throws(open, /has no certificate/);
  writeFileSync(file, `${pems[0]}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`);
  assert.throws(open, /certificate 2 of .* cannot be read/);
});
