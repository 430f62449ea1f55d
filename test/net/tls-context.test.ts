/** Certificates: made, read, read again when their files change, and never let go for a broken one; and how long sessions are resumed. */
import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { ConnectionOptions, SecureVersion, TLSSocket } from "node:tls";
import {
  makeSelfSigned,
  NetServer,
  TlsContext,
  type KeyPairPem,
  type TlsFiles,
} from "../../src/net/index.ts";
import { makeCertificate } from "../support/certificates.ts";
import { Client, EchoService, MemoryLog } from "./echo.ts";

const LOOK_MS = 1000;
const DAY_MS = 86_400_000;

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
  files: TlsFiles | readonly [TlsFiles, ...TlsFiles[]],
  log: MemoryLog,
  maxVersion: SecureVersion = "TLSv1.3",
  implicitTls = true,
): Promise<(options?: ConnectionOptions) => Promise<Client>> {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const context = new TlsContext("key" in files ? [files] : files, log);
  const service = new EchoService();
  service.secureContext = (servername) => context.current(servername);
  const limits = { connections: 99, connectionsPerAddress: 99, connectionsPerNetwork: 99 };
  const net = new NetServer(() => limits, log);
  const { port } = await net.listen(
    {
      name: "echo",
      setting: "listen.echo",
      address: "127.0.0.1",
      port: 0,
      implicitTls,
      proxyFrom: [],
    },
    service,
  );
  t.after(async () => {
    context.close();
    await net.stop(0);
  });
  return async (options = {}) => {
    const client = implicitTls ? Client.tlsTo(port, { maxVersion, ...options }) : Client.to(port);
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
  assert.throws(() => new TlsContext([new Files(t)], new MemoryLog()), /ENOENT/);
  const mixed = new Files(t).write({ certificate: old.certificate, key: other.key });
  assert.throws(() => new TlsContext([mixed], new MemoryLog()), /key values mismatch/);
});

test("nobody looks after the context was closed", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const log = new MemoryLog();
  const files = new Files(t).write(await OLD);
  const context = new TlsContext([files], log);
  context.close();
  files.write(await NEW);
  t.mock.timers.tick(LOOK_MS);
  assert.deepEqual(log.lines, []);
});

for (const version of ["TLSv1.2", "TLSv1.3"] as const)
  test(`a session is resumed until a certificate changes, or the day is over: ${version}`, async (t) => {
    const [files, further] = [new Files(t).write(await OLD), new Files(t).write(await NEW)];
    const connect = await serving(t, [files, further], new MemoryLog(), version);
    const resumes = async (session?: Buffer): Promise<[boolean, Buffer | undefined]> => {
      const servername = "new.example";
      const { socket } = await connect(
        session === undefined ? { servername } : { servername, session },
      );
      const secure = socket as TLSSocket; // these clients come by TLS
      return [secure.isSessionReused(), secure.getSession()];
    };
    const [, first] = await resumes();
    assert.equal((await resumes(first))[0], true);
    t.mock.timers.tick(DAY_MS);
    const [afterADay, second] = await resumes(first);
    assert.equal(afterADay, false, "its key is gone");
    assert.equal((await resumes(second))[0], true);
    for (const changed of [files, further]) {
      const [, session] = await resumes();
      changed.write(await makeSelfSigned("newer.example", NOW));
      t.mock.timers.tick(LOOK_MS);
      assert.equal((await resumes(session))[0], false, "the new certificate is to be shown");
    }
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

// ---- Several, by the name that a client asks for (SNI) ----

/** Files of a certificate for these names. */
async function named(t: TestContext, ...names: string[]): Promise<Files> {
  return new Files(t).write(await makeCertificate({ names, subject: `cn.${names[0]}` }));
}

/** Which of the certificates is shown to a client that asks for that name, by its place in the list. */
async function shownTo(
  connect: (options?: ConnectionOptions) => Promise<Client>,
  pairs: readonly Files[],
  servername?: string,
): Promise<number> {
  const client = await connect(servername === undefined ? {} : { servername });
  const socket = client.socket as TLSSocket; // these clients come by TLS
  const { raw } = socket.getPeerCertificate();
  client.close();
  return pairs.findIndex(({ certificate }) =>
    new X509Certificate(readFileSync(certificate)).raw.equals(raw),
  );
}

for (const version of ["TLSv1.3", "TLSv1.2"] as const)
  test(`each client is shown the certificate of the name it asks for, else the first (${version})`, async (t) => {
    const pairs = [
      await named(t, "mx.local.example", "*.both.example"),
      await named(t, "mta-sts.local.example", "autoconfig.local.example"),
      await named(t, "*.wild.example", "in.both.example", "part*.odd.example"),
    ] as const;
    const connect = await serving(t, pairs, new MemoryLog(), version);
    const expected: readonly (readonly [string | undefined, number])[] = [
      [undefined, 0],
      ["mx.local.example", 0],
      ["mta-sts.local.example", 1],
      ["AutoConfig.Local.Example", 1],
      ["x.wild.example", 2],
      ["x.y.wild.example", 0], // a wildcard is one label
      ["wild.example", 0],
      ["partly.odd.example", 0], // and a whole one
      ["in.both.example", 0], // in their order
      ["cn.mta-sts.local.example", 0], // a common name is no name
      ["foreign.example", 0],
      [".wild.example", 0],
      ["*.wild.example", 0],
      ["a_b.wild.example", 0],
      [`${"a".repeat(240)}.wild.example`, 0],
    ];
    for (const [name, place] of expected)
      assert.equal(await shownTo(connect, pairs, name), place, String(name));
  });

test("names after STARTTLS choose a certificate just so", async (t) => {
  const pairs = [await named(t, "mx.local.example"), await named(t, "pop.local.example")] as const;
  const connect = await serving(t, pairs, new MemoryLog(), "TLSv1.3", false);
  for (const [i, servername] of ["mx.local.example", "pop.local.example"].entries()) {
    const client = await connect();
    await client.send("STARTTLS\r\n").hears("go\r\n");
    const secure = await client.startTls({ servername });
    const { raw } = secure.getPeerCertificate();
    const { certificate } = pairs[i] ?? assert.fail();
    assert.ok(new X509Certificate(readFileSync(certificate)).raw.equals(raw), servername);
  }
});

test("each is read again by itself, and a broken one takes none with it", async (t) => {
  const log = new MemoryLog();
  const pairs = [await named(t, "mx.local.example"), await named(t, "one.example")] as const;
  const connect = await serving(t, pairs, log);
  pairs[1].write(await makeCertificate({ names: ["two.example"] }));
  t.mock.timers.tick(LOOK_MS);
  assert.equal(await shownTo(connect, pairs, "two.example"), 1);
  assert.equal(await shownTo(connect, pairs, "one.example"), 0);
  pairs[0].write(await makeCertificate({ names: ["new.example"] }));
  writeFileSync(pairs[1].key, "no key");
  t.mock.timers.tick(LOOK_MS);
  assert.equal(await shownTo(connect, pairs, "new.example"), 0);
  assert.equal(await shownTo(connect, pairs, "two.example"), 1);
  assert.deepEqual(log.events("error"), ["certificate not reloaded"]);
});
