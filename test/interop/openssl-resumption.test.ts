/** openssl as a client that shows a certificate, and tries to resume the session in which it did. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { askingServer } from "../support/asking-server.ts";
import { issue } from "../support/chains.ts";

const OWN = issue();
const KEY = OWN.keys.privateKey.export({ type: "pkcs8", format: "pem" });

test("openssl resumes nothing either", async (t) => {
  const server = await askingServer();
  t.after(() => server.stop());
  const directory = mkdtempSync(join(tmpdir(), "gatepost-session-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const [cert, key] = [join(directory, "cert.pem"), join(directory, "key.pem")];
  writeFileSync(cert, OWN.pem);
  writeFileSync(key, KEY);
  const showing = ["-cert", cert, "-key", key];
  let n = 0;
  const shownBy = async (args: readonly string[]): Promise<readonly [number, string]> => {
    const said = await openssl(server.port, args);
    const { clientCertificates = [] } = await server.facts(n++);
    return [clientCertificates.length, said];
  };
  for (const version of ["-tls1_2", "-tls1_3"]) {
    const session = join(directory, `session${version}`);
    const [first] = await shownBy([version, ...showing, "-sess_out", session]);
    assert.equal(first, 1);
    const resuming = existsSync(session) ? ["-sess_in", session] : [];
    for (const [own, expected] of [
      [[], 0],
      [showing, 1],
    ] as const) {
      const [shown, said] = await shownBy([version, ...own, ...resuming]);
      assert.equal(shown, expected);
      assert.match(said, /^New, TLS/m);
      assert.doesNotMatch(said, /^Reused/m);
    }
  }
});

/** What s_client says of a connection that it ends once it has heard the greeting. */
async function openssl(port: number, args: readonly string[]): Promise<string> {
  const client = spawn("openssl", ["s_client", "-connect", `127.0.0.1:${port}`, ...args]);
  let said = "";
  client.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    if (/^hello/m.test(said)) client.stdin.end("Q\n");
  });
  client.stderr.resume();
  await once(client, "close");
  return said;
}
