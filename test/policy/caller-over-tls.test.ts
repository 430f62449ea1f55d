/** The same rows over TLS: one listener that asks, a client for each, and who that is by what the handshake brought. */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { createSecureContext, type SecureVersion } from "node:tls";
import { anchorsOf, callerOf, loadCertificateReader } from "../../src/policy/identity/index.ts";
import { Client } from "../net/echo.ts";
import { askingServer } from "../support/asking-server.ts";
import type { Row } from "../support/caller-row.ts";
import { ANCHORS, PEERS, ROWS } from "../support/caller-rows.ts";
import { NOW } from "../support/chains.ts";
import { expectCaller } from "../support/expect-caller.ts";

const READER = await loadCertificateReader();
const SERVER = await askingServer();
after(() => SERVER.stop());

let connections = 0;

/** What the server saw of a client that shows these. */
async function seen(
  { shown }: Pick<Row, "shown">,
  maxVersion: SecureVersion,
): Promise<readonly Uint8Array[]> {
  const [own] = shown;
  const secureContext = createSecureContext({
    ...(own !== undefined && {
      cert: shown.map(({ pem }) => pem).join(""),
      key: own.keys.privateKey.export({ type: "pkcs8", format: "pem" }),
    }),
    ciphers: "DEFAULT@SECLEVEL=0", // this client is ashamed of nothing
    maxVersion,
  });
  const client = Client.tlsTo(SERVER.port, { secureContext });
  await client.hears("hello\r\n");
  const { clientCertificates = [] } = await SERVER.facts(connections++);
  client.close();
  return clientCertificates;
}

for (const version of ["TLSv1.2", "TLSv1.3"] as const)
  describe(`who has shown, over ${version}`, () => {
    for (const row of ROWS.filter(({ notOverTls }) => notOverTls === undefined))
      test(row.title, async () => {
        const { anchors = ANCHORS, peers = PEERS, shown, expected } = row;
        const certificates = await seen(row, version);
        const sent = shown.slice(0, 16).map(({ der }) => Buffer.from(der).toString("hex"));
        assert.deepEqual(
          certificates.map((der) => Buffer.from(der).toString("hex")),
          sent,
        );
        const known = { peers, anchors: anchorsOf(anchors.map(({ pem }) => pem)) };
        expectCaller(callerOf(certificates, { ...known, now: NOW, reader: READER }), expected);
      });

    test("nothing", async () => {
      assert.deepEqual(await seen({ shown: [] }, version), []);
    });
  });
