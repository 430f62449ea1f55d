/** A certificate of ours, for a route whose host asks for one. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { createSecureContext, TLSSocket } from "node:tls";
import { openRoutes } from "../../../src/service/delivery/routes.ts";
import { routesSchema } from "../../../src/service/delivery/settings.ts";
import { makeAuthority, makeCertificate } from "../../support/certificates.ts";
import { Rig, words } from "./rig.ts";

const ROOT = await makeAuthority();
const HOST = await makeCertificate({ by: ROOT });
const OURS = await makeCertificate({ names: ["mx.local.example"], by: ROOT });
const STRANGERS = await makeCertificate({ names: ["mx.local.example"] });

/** TLS at once; answers whoever shows a certificate of the authority, and hangs up on others. */
async function demanding(t: TestContext): Promise<{ readonly port: number; shown(): string }> {
  let shown = "";
  const { certificate: cert, key } = HOST;
  const secureContext = createSecureContext({ cert, key, ca: ROOT.pem });
  const server = createServer((socket) => {
    const secure = new TLSSocket(socket, {
      isServer: true,
      secureContext,
      requestCert: true,
      rejectUnauthorized: false,
    });
    secure.on("error", () => secure.destroy());
    secure.once("secure", () => {
      shown = secure.getPeerX509Certificate()?.fingerprint256 ?? "";
      const known = shown === OURS.x509.fingerprint256;
      secure.end(`${known ? "554 you are known" : "554 who are you?"}\r\n`);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return { port: (server.address() as AddressInfo).port, shown: () => shown }; // TCP
}

/** The route of a configuration, its files in a directory of their own. */
function routed(t: TestContext, files: Readonly<Record<string, string>>, port: number): Rig {
  const rig = new Rig(t, {});
  const route = {
    host: "127.0.0.1",
    port,
    tls: "implicit",
    certificate: "own.pem",
    key: "own.key",
  };
  const directory = mkdtempSync(join(tmpdir(), "gatepost-"));
  t.after(() => rmSync(directory, { recursive: true }));
  for (const [file, text] of Object.entries(files)) {
    writeFileSync(join(directory, file), text);
    chmodSync(join(directory, file), 0o600);
  }
  const routes = openRoutes(routesSchema.parse({ "*": route }), (file) => join(directory, file));
  for (const [domain, one] of routes) rig.routes.set(domain, one);
  return rig;
}

test("it is shown where it is asked for", async (t) => {
  const host = await demanding(t);
  const rig = routed(t, { "own.pem": OURS.certificate, "own.key": OURS.key }, host.port);
  assert.match(words(await rig.attempt("bob@foreign.example"))[0] ?? "", /you are known/);
  assert.equal(host.shown(), OURS.x509.fingerprint256);
});

test("files that do not belong together, and a key that anybody can read, are said at the start", async (t) => {
  const files = (key: string) => ({ "own.pem": OURS.certificate, "own.key": key });
  for (const key of [STRANGERS.key, "no key", ""])
    assert.throws(
      () => routed(t, files(key), 465),
      /routes\."\*": expected .*own\.key to be the private key, in PEM, of the first certificate in .*own\.pem/,
    );
  assert.throws(
    () => routed(t, { "own.pem": "", "own.key": OURS.key }, 465),
    /routes\."\*"\.certificate: .*own\.pem has no certificate in PEM/,
  );
  assert.throws(() => routed(t, {}, 465), /routes\."\*"\.certificate: ENOENT/);
});

test("one without its key, or without TLS, is an error of the configuration", () => {
  const wrong = [
    [{ host: "10.0.0.2", certificate: "own.pem" }, /certificate and key belong together/],
    [{ host: "10.0.0.2", key: "own.key" }, /certificate and key belong together/],
    [{ host: "10.0.0.2", tls: "off", certificate: "a", key: "b" }, /is shown over TLS only/],
  ] as const;
  for (const [route, problem] of wrong)
    assert.throws(() => routesSchema.parse({ "*": route }), problem);
});
