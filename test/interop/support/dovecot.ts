/**
 * Dovecot as the server that has the mailboxes of `inner.example`: its LMTP behind its own socket and on a port of loopback,
 * Maildirs below a temporary directory.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isOpen } from "./conversation.ts";
import { LMTP_USERS, NOBODY, type LmtpServer } from "./lmtp-server.ts";
import { maildir } from "./maildir.ts";
import { freePortBase, temporaryDirectory } from "./site.ts";
import { eventually } from "./waiting.ts";

export interface DovecotOptions {
  readonly by: "socket" | "port";
  /** `later`: a mailbox that is full is a reason to wait, not to give up. */
  readonly full: "later" | "never";
}

export async function startDovecot({ by, full }: DovecotOptions): Promise<LmtpServer> {
  const home = temporaryDirectory();
  const port = (await freePortBase()) + 1;
  const [config, log] = [join(home, "dovecot.conf"), join(home, "dovecot.log")];
  chmodSync(home, 0o755);
  mkdirSync(join(home, "mail"));
  chmodSync(join(home, "mail"), 0o777); // the one who delivers is nobody
  writeFileSync(
    join(home, "users"),
    LMTP_USERS.map((user) => {
      const rule = user === "full" ? "userdb_quota_rule=*:bytes=1" : "";
      return `${user}@inner.example:::::::${rule}\n`;
    }).join(""),
  );
  writeFileSync(config, configuration(home, port, full));
  const dovecot = spawn("dovecot", ["-F", "-c", config], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  dovecot.stderr.on("data", (bytes: Buffer) => (said += bytes.toString()));
  const logged = (): string => `${said}${existsSync(log) ? readFileSync(log, "utf8") : ""}`;
  await eventually(
    async () => {
      if (dovecot.exitCode !== null) throw new Error(`dovecot: ${logged()}`);
      return (await isOpen(port)) ? true : undefined;
    },
    () => `dovecot is not there: ${logged()}`,
  );
  return {
    mailboxes: by === "socket" ? `lmtp:${home}/run/lmtp` : `lmtp://127.0.0.1:${port}`,
    log: logged,
    messages: (user) => maildir(join(home, "mail", user)),
    async stop() {
      dovecot.kill("SIGTERM");
      if (dovecot.exitCode === null) await once(dovecot, "exit");
    },
  };
}

function configuration(home: string, port: number, full: "later" | "never"): string {
  return `base_dir = ${home}/run
state_dir = ${home}/state
log_path = ${home}/dovecot.log
protocols = lmtp
ssl = no
hostname = inner.example
postmaster_address = postmaster@inner.example
mail_location = maildir:${home}/mail/%n
mail_plugins = quota
first_valid_uid = 1
quota_full_tempfail = ${full === "later" ? "yes" : "no"}
passdb {
  driver = passwd-file
  args = username_format=%u ${home}/users
}
userdb {
  driver = passwd-file
  args = username_format=%u ${home}/users
  override_fields = uid=${NOBODY} gid=${NOBODY} home=${home}/mail/%n
}
plugin {
  quota = maildir:User quota
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = ${port}
  }
}
`;
}
