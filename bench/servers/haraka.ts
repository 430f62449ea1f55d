/**
 * Haraka, of the npm package of that name, as a relay: everything below a temporary directory, queue included; three hooks are
 * its only plugin. A worker for each core, as its documentation recommends, and no log; otherwise the configuration that its package brings.
 */
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "../../test/interop/support/site.ts";
import { startChild } from "./child.ts";
import type { CountingSink, RelayPeer } from "./peer.ts";

const PACKAGE = fileURLToPath(new URL("../node_modules/Haraka", import.meta.url));
const PLUGIN = "relay_to_sink";

export async function startHaraka(port: number, sink: CountingSink): Promise<RelayPeer> {
  const home = temporaryDirectory();
  cpSync(join(PACKAGE, "config"), join(home, "config"), { recursive: true });
  for (const folder of ["plugins", "queue"]) mkdirSync(join(home, folder));
  const files = new Map([
    ["config/smtp.ini", `listen=127.0.0.1:${port}\nnodes=cpus\n`],
    ["config/log.ini", "[main]\nlevel=emerg\n"],
    ["config/me", "mx.local.example\n"],
    ["config/plugins", `${PLUGIN}\n`],
    [`plugins/${PLUGIN}.js`, plugin(sink.smtp)],
  ]);
  for (const [name, text] of files) writeFileSync(join(home, name), text);
  const server = await startChild(
    process.execPath,
    [join(PACKAGE, "bin/haraka"), "-c", home],
    port,
  );
  return {
    name: "Haraka",
    pid: server.pid,
    smtp: port,
    sink,
    stored: () => Promise.resolve(sink.messages()),
    stop: () => server.stop(),
  };
}

/** Looks up no client's name, relays for loopback, has one way on for every domain. OK is a word that Haraka gives its plugins. */
function plugin(sinkPort: number): string {
  return `exports.hook_lookup_rdns = (next) => next(OK, "client.example");
exports.hook_connect = (next, connection) => {
  if (connection.remote.ip === "127.0.0.1") connection.relaying = true;
  next();
};
exports.hook_get_mx = (next) => next(OK, { priority: 0, exchange: "127.0.0.1", port: ${sinkPort} });
`;
}
