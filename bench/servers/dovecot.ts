/** Dovecot's POP3 server on one maildir: configuration, run directory and log below a temporary directory, loopback only. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "../../test/interop/support/site.ts";
import { startChild } from "./child.ts";
import { PASSWORD, READ_MAILBOX, type Pop3Peer } from "./peer.ts";
import { MAIL_USER } from "./postfix-configuration.ts";

export async function startDovecot(port: number, maildir: string): Promise<Pop3Peer> {
  const home = temporaryDirectory();
  chmodSync(home, 0o755);
  for (const folder of ["run", "state"]) mkdirSync(join(home, folder));
  const config = join(home, "dovecot.conf");
  writeFileSync(config, configuration(home, port, maildir));
  writeFileSync(join(home, "passwd"), `${READ_MAILBOX}:{PLAIN}${PASSWORD}\n`, { mode: 0o644 });
  const server = await startChild("dovecot", ["-F", "-c", config], port);
  return { name: "Dovecot", pid: server.pid, pop3: port, stop: () => server.stop() };
}

function configuration(home: string, port: number, maildir: string): string {
  return `base_dir = ${home}/run
state_dir = ${home}/state
log_path = ${home}/dovecot.log
protocols = pop3
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:${maildir}
first_valid_uid = 1
passdb {
  driver = passwd-file
  args = ${home}/passwd
}
userdb {
  driver = static
  args = uid=${MAIL_USER} gid=${MAIL_USER} home=${maildir}
}
service pop3-login {
  inet_listener pop3 {
    port = ${port}
  }
  inet_listener pop3s {
    port = 0
  }
}
`;
}
