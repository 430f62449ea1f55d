/** Certificates: made, read, read again when their files change, and never let go for a broken one. */
import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { SecureVersion, TLSSocket } from "node:tls";
import {
  makeSelfSigned,
  NetServer,
  TlsContext,
  type KeyPairPem,
  type TlsFiles,
} from "../../src/net/index.ts";
import { Client, EchoService, MemoryLog } from "./echo.ts";

const LOOK_MS = 1000;

/** The files of a certificate in a directory of their own, that goes with the test. */
class Files implements TlsFiles {
  readonly certificate: string;
  readonly key: string;

  constructor(t: TestContext) {
    const dir = mkdtempSync(join(tmpdir(), "gatepost-tls-"));
    t.after(() => rmSync(dir, { recursive: true }));
    this.certificate = join(dir, "certificate.pem");
    this.key = join(dir, "key.pem");
  }

  write(pair: KeyPairPem): this {
    writeFileSync(this.certificate, pair.certificate);
    writeFileSync(this.key, pair.key);
    return this;
  }
}

const NOW = Date.now();
const OLD = makeSelfSigned("old.example", NOW);
const NEW = makeSelfSigned("new.example", NOW);

/** A server with implicit TLS on these files; time passes for the files when the test says so. */
async function serving(
  t: TestContext,
  files: TlsFiles,
  log: MemoryLog,
  maxVersion: SecureVersion = "TLSv1.3",
): Promise<() => Promise<Client>> {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const context = new TlsContext(files, log);
  const service = new EchoService();
  service.secureContext = () => context.current();
  const limits = { connections: 9, connectionsPerAddress: 9, connectionsPerNetwork: 9 };
  const net = new NetServer(() => limits, log);
  const { port } = await net.listen(
    {
      name: "echo",
      setting: "listen.echo",
      address: "127.0.0.1",
      port: 0,
      implicitTls: true,
      proxyFrom: [],
    },
    service,
  );
  t.after(async () => {
    context.close();
    await net.stop(0);
  });
  return async () => {
    const client = Client.tlsTo(port, { maxVersion });
    await client.hears("hello\r\n");
    return client;
  };
}

/** The name on the certificate that this client was shown. */
function shown(client: Client): string {
  const socket = client.socket as TLSSocket; // these clients come by TLS
  return String(socket.getPeerCertificate().subject.CN);
}

test("new files are shown to the next handshake, and connections that stand go on", async (t) => {
  const log = new MemoryLog();
  const files = new Files(t).write(await OLD);
  const client = await serving(t, files, log);
  const before = await client();
  files.write(await NEW);
  assert.equal(shown(await client()), "old.example", "nobody has looked yet");
  t.mock.timers.tick(LOOK_MS);
  assert.equal(shown(await client()), "new.example");
  assert.equal(shown(before), "old.example");
  await before.send("still\r\n").hears("still\r\n");
  assert.deepEqual(log.events("info"), ["certificate reloaded"]);
});

test("files that take the place of others by renaming are seen too", async (t) => {
  const log = new MemoryLog();
  const files = new Files(t).write(await OLD);
  const client = await serving(t, files, log);
  const { certificate, key } = await NEW;
  for (const [file, text] of [
    [files.certificate, certificate],
    [files.key, key],
  ] as const) {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  }
  t.mock.timers.tick(LOOK_MS);
  assert.equal(shown(await client()), "new.example");
});

test("a broken pair is reported once with what to do, the old one stays, and a whole one is taken again", async (t) => {
  const [old, other] = [await OLD, await NEW];
  const breakages: readonly ((files: Files) => void)[] = [
    (files) => writeFileSync(files.certificate, "no certificate"),
    (files) => writeFileSync(files.key, ""),
    (files) => writeFileSync(files.certificate, other.certificate), // of another key
    (files) => rmSync(files.key),
  ];
  for (const damage of breakages) {
    t.mock.timers.reset();
    const log = new MemoryLog();
    const files = new Files(t).write(old);
    const client = await serving(t, files, log);
    damage(files);
    for (let i = 0; i < 3; i++) t.mock.timers.tick(LOOK_MS);
    assert.equal(shown(await client()), "old.example");
    assert.deepEqual(log.events("error"), ["certificate not reloaded"]);
    const { fields } = log.lines.find(({ level }) => level === "error") ?? assert.fail();
    assert.equal(fields["certificate"], files.certificate);
    assert.notEqual(fields["problem"], "");
    assert.match(String(fields["todo"]), /belong together/);
    files.write(other);
    t.mock.timers.tick(LOOK_MS);
    assert.equal(shown(await client()), "new.example");
  }
});

test("files that are not there, or do not belong together, are an error at the start", async (t) => {
  const [old, other] = [await OLD, await NEW];
  assert.throws(() => new TlsContext(new Files(t), new MemoryLog()), /ENOENT/);
  const mixed = new Files(t).write({ certificate: old.certificate, key: other.key });
  assert.throws(() => new TlsContext(mixed, new MemoryLog()), /key values mismatch/);
});

test("nobody looks after the context was closed", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const log = new MemoryLog();
  const files = new Files(t).write(await OLD);
  const context = new TlsContext(files, log);
  context.close();
  files.write(await NEW);
  t.mock.timers.tick(LOOK_MS);
  assert.deepEqual(log.lines, []);
});

test("a self-signed certificate is for its one host, from yesterday on, for no other use, with its own key", async () => {
  const pair = await makeSelfSigned("mx.local.example", NOW);
  const certificate = new X509Certificate(pair.certificate);
  assert.equal(certificate.checkHost("mx.local.example"), "mx.local.example");
  assert.equal(certificate.checkHost("local.example"), undefined);
  assert.ok(certificate.checkPrivateKey(createPrivateKey(pair.key)));
  assert.ok(certificate.verify(certificate.publicKey));
  assert.equal(certificate.ca, false);
  assert.deepEqual(certificate.keyUsage, ["1.3.6.1.5.5.7.3.1"]); // serverAuth
  const [from, to] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()];
  assert.ok(from < NOW && NOW + 3000 * 86_400_000 < to);
  assert.notEqual((await makeSelfSigned("mx.local.example", NOW)).key, pair.key);
});

test("nobody is given a second handshake on one connection", async (t) => {
  const connect = await serving(t, new Files(t).write(await OLD), new MemoryLog(), "TLSv1.2");
  const client = await connect();
  const socket = client.socket as TLSSocket; // these clients come by TLS
  const refused = once(socket, "error");
  const secondHandshake = new Promise((resolve) => socket.renegotiate({}, resolve));
  const [error] = (await Promise.race([refused, secondHandshake])) as [Error]; // null would be a handshake
  assert.match(error.message, /no renegotiation/);
  await client.ends();
});
