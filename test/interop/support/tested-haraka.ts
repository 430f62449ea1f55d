/**
 * Haraka as a server that is tested for open relay: its own plugin for the list of domains, one of ours that knows who has a mailbox and
 * throws mail for them away, and what sends mail for the tester's domain to the tester's sink. A hole is a plugin as its users write them.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { HARAKA } from "../../../scripts/haraka.ts";
import { makeSelfSigned } from "../../../src/net/index.ts";
import { isOpen } from "./conversation.ts";
import { temporaryDirectory } from "./site.ts";
import type { TestedPlace, TestedServer } from "./tested-server.ts";

/** Body of `hook_rcpt(next, connection, params)`, before the list of domains is asked. */
export type HarakaHole = string;

export async function startTestedHaraka(
  place: TestedPlace,
  hole: HarakaHole = "next();",
): Promise<TestedServer> {
  const home = temporaryDirectory();
  cpSync(join(HARAKA, "config"), join(home, "config"), { recursive: true });
  for (const folder of ["plugins", "queue"]) mkdirSync(join(home, folder));
  const pair = await makeSelfSigned("mx.local.example", Date.now());
  const files = new Map([
    ["config/smtp.ini", `listen=127.0.0.1:${place.port}\nnodes=0\n`],
    ["config/log.ini", "[main]\nlevel=notice\n"],
    ["config/me", "mx.local.example\n"],
    ["config/host_list", "local.example\n"],
    ["config/plugins", "tls\nhole\nmailboxes\nrcpt_to.in_host_list\n"],
    ["config/tls_cert.pem", pair.certificate],
    ["config/tls_key.pem", pair.key],
    ["plugins/hole.js", `exports.hook_rcpt = (next, connection, params) => {${hole}};\n`],
    ["plugins/mailboxes.js", mailboxes(place.sink)],
  ]);
  for (const [name, text] of files) writeFileSync(join(home, name), text);
  const server = spawn(process.execPath, [join(HARAKA, "bin/haraka"), "-c", home]);
  let said = "";
  for (const stream of [server.stdout, server.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = once(server, "exit");
  for (let tries = 0; !(await isOpen(place.port)); tries++) {
    if (tries > 200 || server.exitCode !== null) throw new Error(`Haraka: ${said}`);
    await setTimeout(100);
  }
  return {
    port: place.port,
    log: () => said,
    async stop() {
      server.kill("SIGKILL"); // it would wait for its queue
      await ended;
    },
  };
}

/** OK and DENY are words that Haraka gives its plugins. */
function mailboxes(sink: number): string {
  return `exports.hook_lookup_rdns = (next) => next(OK, "client.example");
exports.hook_rcpt = (next, connection, [{ user, host }]) => {
  if (host === "local.example" && user !== "user" && user !== "postmaster") return next(DENY, "no such user");
  next();
};
exports.hook_queue = (next) => next(OK, "thrown away");
exports.hook_get_mx = (next, hmail, domain) =>
  domain === "tester.example" ? next(OK, { priority: 0, exchange: "127.0.0.1", port: ${sink} }) : next(DENY, "nowhere");
`;
}
