/** Clients that are asked for a certificate: what is taken from the handshake, and that nothing of an earlier one lives on in a resumed session. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { ConnectionOptions, SecureVersion, TLSSocket } from "node:tls";
import { askingServer, type AskingServer } from "../support/asking-server.ts";
import { issue, type Issued } from "../support/chains.ts";
import { Client } from "./echo.ts";

const OWN = issue();
const KEY = OWN.keys.privateKey.export({ type: "pkcs8", format: "pem" });
const SHOWING = { cert: OWN.pem, key: KEY };

async function asking(t: TestContext, implicitTls?: boolean): Promise<AskingServer> {
  const server = await askingServer(implicitTls);
  t.after(() => server.stop());
  return server;
}

interface Visit {
  readonly shown: number;
  readonly reused: boolean;
  readonly sessions: readonly Buffer[];
}

/** A connection that stands until an echo has come back: tickets have come by then too, if there are any. */
async function visit(server: AskingServer, n: number, options: ConnectionOptions): Promise<Visit> {
  const client = Client.tlsTo(server.port, options);
  const socket = client.socket as TLSSocket; // it has just been made
  const sessions: Buffer[] = [];
  socket.on("session", (session) => sessions.push(session));
  await client.hears("hello\r\n");
  await client.send("still\r\n").hears("still\r\n");
  const { clientCertificates = [] } = await server.facts(n);
  const own = socket.getSession();
  if (own !== undefined) sessions.push(own);
  const reused = socket.isSessionReused();
  client.close();
  return { shown: clientCertificates.length, reused, sessions };
}

for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
  test(`a session is not resumed, with or without a certificate: ${maxVersion}`, async (t) => {
    const server = await asking(t);
    const first = await visit(server, 0, { ...SHOWING, maxVersion });
    assert.equal(first.shown, 1);
    assert.ok(first.sessions.length > 0, "there is a session to try");
    let n = 1;
    for (const session of first.sessions)
      for (const own of [{}, SHOWING]) {
        const again = await visit(server, n++, { ...own, session, maxVersion });
        assert.deepEqual([again.shown, again.reused], ["cert" in own ? 1 : 0, false]);
      }
  });

  test(`nor one of a listener with the same certificate that does not ask: ${maxVersion}`, async (t) => {
    const server = await asking(t);
    const asks = server.service.secureContext;
    server.service.asksCertificate = false;
    server.service.secureContext = (name) => server.context.current(name);
    const { sessions } = await visit(server, 0, { ...SHOWING, maxVersion });
    const [session] = sessions;
    assert.ok(session !== undefined);
    assert.ok(
      (await visit(server, 1, { session, maxVersion })).reused,
      "it could be resumed there",
    );
    server.service.asksCertificate = true;
    server.service.secureContext = asks;
    const { shown, reused } = await visit(server, 2, { session, maxVersion });
    assert.deepEqual([shown, reused], [0, false]);
  });
}

test("a certificate is shown after STARTTLS too", async (t) => {
  const server = await asking(t, false);
  const client = Client.to(server.port);
  await client.hears("hello\r\n");
  await client.send("STARTTLS\r\n").hears("go\r\n");
  await client.startTls(SHOWING);
  await client.hears("secure\r\n");
  const { clientCertificates = [] } = await server.facts(0);
  assert.deepEqual(
    clientCertificates.map((der) => Buffer.from(der)),
    [Buffer.from(OWN.der)],
  );
});

test("nobody is asked where nobody is to be", async (t) => {
  const server = await asking(t);
  server.service.asksCertificate = false;
  assert.equal((await visit(server, 0, SHOWING)).shown, 0);
});

test("of many certificates sixteen are kept, and of large ones fewer", async (t) => {
  const server = await asking(t);
  const names = Array.from({ length: 1000 }, (_, i) => `${i}.a-name-of-some-length.example`);
  const large = issue({ names });
  const shows = (others: readonly Issued[], maxVersion?: SecureVersion): ConnectionOptions => ({
    cert: [OWN, ...others].map(({ pem }) => pem).join(""),
    key: KEY,
    ...(maxVersion !== undefined && { maxVersion }),
  });
  const other = issue({ subject: "other" });
  const many = await visit(server, 0, shows(Array.from({ length: 150 }, () => other)));
  assert.equal(many.shown, 16);
  assert.ok(large.der.length > 30_000 && large.der.length < 40_000);
  assert.equal((await visit(server, 1, shows([large, other, large]))).shown, 3);
});

test("more than OpenSSL takes is no handshake", async (t) => {
  const server = await asking(t);
  const other = issue({ subject: "other" });
  const cert = [OWN, ...Array.from({ length: 500 }, () => other)].map(({ pem }) => pem).join("");
  const client = Client.tlsTo(server.port, { cert, key: KEY });
  assert.equal(await client.ends(), "");
  assert.deepEqual(server.service.dialogues, []);
});
