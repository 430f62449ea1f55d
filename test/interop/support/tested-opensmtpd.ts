/**
 * OpenSMTPD as a server that is tested for open relay: one port of loopback, one domain whose mail it throws away; what it passes on goes
 * to the tester's sink and nowhere else. Where it has its queue is compiled into it: it sees folders of its own there. It offers no
 * STARTTLS: Debian's breaks off every handshake (OpenSMTPD 6.8.0p2 with OpenSSL 3, its issue 1171).
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { OPENSMTPD } from "../../../scripts/opensmtpd.ts";
import { isOpen } from "./conversation.ts";
import { temporaryDirectory } from "./site.ts";
import type { TestedPlace, TestedServer } from "./tested-server.ts";

/** Folders of memory instead of the machine's own, for this process and those that it starts; they go when it ends. It asks no DNS. */
const IN_ITS_OWN_FOLDERS = `
set -e
mount --bind "$1/resolv.conf" /etc/resolv.conf
for folder in /var/spool /var/lib /run /usr/libexec; do mount -t tmpfs none $folder; done
mkdir -p /var/spool/smtpd /var/lib/opensmtpd/empty
chmod 711 /var/spool/smtpd
cp -r "$2" /usr/libexec/opensmtpd
exec "$3" -d -f "$1/smtpd.conf"
`;

/** `rules`: lines of smtpd.conf before the one for its own domain; `action "out"` is the way to the sink. */
export async function startTestedOpenSmtpd(place: TestedPlace, rules = ""): Promise<TestedServer> {
  const home = temporaryDirectory();
  chmodSync(home, 0o755);
  writeFileSync(join(home, "resolv.conf"), "lookup file\n");
  writeFileSync(join(home, "smtpd.conf"), configuration(place, rules));
  const started = ["sh", home, OPENSMTPD.agents, OPENSMTPD.server];
  const server = spawn("unshare", ["--mount", "sh", "-c", IN_ITS_OWN_FOLDERS, ...started]);
  let said = "";
  for (const stream of [server.stdout, server.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = once(server, "exit");
  for (let tries = 0; !(await isOpen(place.port)); tries++) {
    if (tries > 200 || server.exitCode !== null) throw new Error(`OpenSMTPD: ${said}`);
    await setTimeout(50);
  }
  return {
    port: place.port,
    log: () => said,
    async stop() {
      server.kill("SIGTERM");
      await ended;
    },
  };
}

function configuration({ port, sink }: TestedPlace, rules: string): string {
  return `table mailboxes { "user@local.example" = nobody, "postmaster@local.example" = nobody }
listen on 127.0.0.1 port ${port} hostname mx.local.example
action "here" mda "/bin/cat >/dev/null" virtual <mailboxes>
action "out" relay host "smtp://127.0.0.1:${sink}"
${rules}
match from any for domain "local.example" action "here"
`;
}
