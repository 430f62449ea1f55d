/** The npm package smtp-server, with the least program around it that stores durably. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "../../test/interop/support/site.ts";
import { startChild } from "./child.ts";
import { countIn } from "./maildir.ts";
import type { SmtpPeer } from "./peer.ts";

const PROGRAM = fileURLToPath(new URL("smtp-server-program.mjs", import.meta.url));

export async function startSmtpServer(port: number): Promise<SmtpPeer> {
  const maildir = temporaryDirectory();
  for (const name of ["tmp", "new"]) mkdirSync(join(maildir, name));
  const server = await startChild(process.execPath, [PROGRAM, String(port), maildir], port);
  return {
    name: "smtp-server",
    pid: server.pid,
    smtp: port,
    stored: () => Promise.resolve(countIn(maildir)),
    stop: () => server.stop(),
  };
}
