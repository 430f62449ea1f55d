/** The login's file: what stands in it, who may read it, and how it is made. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { formatAddress } from "../../../src/mail/index.ts";
import {
  readLoginFile,
  usualLoginFile,
  writeLoginFile,
} from "../../../src/operate/sendmail/index.ts";

const UID = process.getuid?.() ?? 0;
const LEAST = `host = "mail.example.org"\nuser = "ann@example.org"\npassword = "correct horse"\n`;

function directory(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), "gatepost-login-"));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function written(t: TestContext, text: string, mode = 0o600): string {
  const file = join(directory(t), "sendmail.toml");
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

test("a login is a host, a user and a password; the rest is as usual", (t) => {
  const { server, own } = readLoginFile(written(t, LEAST), UID);
  assert.deepEqual(server, {
    host: "mail.example.org",
    port: 587,
    tls: "starttls",
    user: "ann@example.org",
    password: "correct horse",
    trust: { kind: "authority" },
  });
  assert.equal(formatAddress(own.from), "ann@example.org");
  assert.equal(own.localMail, undefined);
});

test("everything can be said", (t) => {
  const all = `${LEAST}tls = "implicit"\nfrom = "web@example.org"\nlocal_mail = "admin@example.org"\n`;
  const { server, own } = readLoginFile(written(t, all), UID);
  assert.equal(server.port, 465);
  assert.equal(formatAddress(own.from), "web@example.org");
  assert.equal(own.localMail && formatAddress(own.localMail), "admin@example.org");
  assert.equal(readLoginFile(written(t, `${LEAST}port = 2525\n`), UID).server.port, 2525);
});

test("a server is known by its authority, by a pin, or by being on this machine", (t) => {
  const trust = (text: string) => readLoginFile(written(t, text), UID).server.trust;
  const pin = "AB".repeat(32);
  assert.deepEqual(trust(`${LEAST}pin = "sha256:${pin}"\n`), {
    kind: "pin",
    sha256: pin.toLowerCase(),
  });
  const colons = Array.from({ length: 32 }, () => "ab").join(":");
  assert.deepEqual(trust(`${LEAST}pin = "sha256:${colons}"\n`), {
    kind: "pin",
    sha256: pin.toLowerCase(),
  });
  for (const host of ["localhost", "127.0.0.1", "::1"])
    assert.deepEqual(trust(LEAST.replace("mail.example.org", host)), { kind: "loopback" }, host);
  const file = written(t, `${LEAST}ca = "ca.pem"\n`);
  writeFileSync(join(file, "../ca.pem"), "a certificate");
  assert.deepEqual(readLoginFile(file, UID).server.trust, {
    kind: "authority",
    ca: "a certificate",
  });
});

test("a file that others can read or change is refused, with what mends it", (t) => {
  for (const mode of [0o640, 0o604, 0o620, 0o610, 0o666]) {
    const file = written(t, LEAST, mode);
    assert.throws(() => readLoginFile(file, UID), {
      name: "LoginFileError",
      message: `${file} is open to others; mend it with: chmod 600 ${file}`,
    });
  }
  const file = written(t, LEAST);
  assert.throws(() => readLoginFile(file, UID + 1), {
    message: new RegExp(`belongs to somebody else; mend it with: chown ${UID + 1} `),
  });
});

test("what is wrong in it is said, and never the password", (t) => {
  const faults: readonly (readonly [string, RegExp])[] = [
    [LEAST.replace("host", "hoost"), /host/],
    [`${LEAST}port = 70000\n`, /port/],
    [`${LEAST}tls = "off"\n`, /tls/],
    [`${LEAST}pin = "sha256:12"\n`, /pin: expected sha256: and 64/],
    [`${LEAST}local_mail = "root"\n`, /local_mail: "root" cannot be used/],
    [LEAST.replace("ann@example.org", "ann"), /from: it is needed/],
    [`${LEAST}password = "correct horse"\n`, /sendmail\.toml/],
    [`${LEAST}ca = "nowhere.pem"\n`, /ca: .*nowhere\.pem/],
  ];
  for (const [text, form] of faults)
    assert.throws(
      () => readLoginFile(written(t, text), UID),
      ({ message }: Error) => {
        assert.match(message, form);
        assert.doesNotMatch(message, /correct horse/);
        return true;
      },
    );
  assert.throws(() => readLoginFile("/nowhere/sendmail.toml", UID), {
    message: /there is no login: no file .*--init` makes it/,
  });
});

test("a new file can be read by its user alone, holds what was said, and replaces nothing", (t) => {
  const file = usualLoginFile(directory(t));
  const login = {
    host: "localhost",
    port: 10_587,
    tls: "starttls",
    user: "ann@example.org",
    password: 'a "b" \\ c',
  } as const;
  writeLoginFile(file, login);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(readLoginFile(file, UID).server, { ...login, trust: { kind: "loopback" } });
  assert.throws(() => writeLoginFile(file, login), { message: /is there already/ });
});
