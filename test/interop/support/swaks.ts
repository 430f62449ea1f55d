/** swaks as the client of a site, where the file goes over the wire as it is (--no-data-fixup); and of others, up to a recipient. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stuffed } from "./messages.ts";
import type { PrivateNetwork } from "./private-network.ts";
import { run, type Run } from "./programs.ts";
import { USER, type Site } from "./site.ts";

/** On port 25, from a stranger to our user, unless `more` says something else. */
export function swaks(site: Site, message: Buffer, ...more: string[]): Promise<Run> {
  const file = join(site.directory, "swaks.eml");
  writeFileSync(file, Buffer.concat([stuffed(message), Buffer.from(".")]));
  const target = `--server 127.0.0.1 --port ${site.ports.smtp} --helo client.example`;
  const envelope = `--from sender@remote.example --to ${USER}`;
  const data = ["--no-data-fixup", "--data", `@${file}`];
  return run("swaks", [...target.split(" "), ...envelope.split(" "), ...data, ...more]);
}

/** What a server in this network says to a recipient whose mail comes from this address, in the name of this sender; lines of one reply are joined. */
export async function recipientReply(
  network: PrivateNetwork,
  port: number,
  { from, sender }: { readonly from: string; readonly sender: string },
): Promise<string> {
  const server = from.includes(":") ? ["-6", "--server", "::1"] : ["--server", "127.0.0.1"];
  const place = [...server, "--port", String(port), "--local-interface", from];
  const envelope = ["--helo", "client.example", "--from", sender, "--to", USER];
  const { said } = await network.run("swaks", [...place, ...envelope, "--quit-after", "RCPT"]);
  const [, reply = ""] = said.split(/^ -> RCPT TO:.*\n/m);
  const lines = [...(reply.split(/^ -> /m)[0] ?? "").matchAll(/^<(?:- |\*\*) (.*)$/gm)];
  assert.ok(lines.length > 0, said);
  return lines.map(([, line = ""], i) => (i === 0 ? line.replace("-", " ") : line.slice(4))).join(" "); // prettier-ignore
}
