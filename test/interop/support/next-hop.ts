/**
 * Postfix as the server that we send to: mailboxes for one domain in Maildirs, one port with STARTTLS, one without, and
 * one where a login is wanted, which Dovecot checks. All of it on loopback and below a temporary directory.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { makeSelfSigned } from "../../../src/net/index.ts";
import { maildir } from "./maildir.ts";
import { launchPostfix, MASTER } from "./postfix.ts";
import { freePortBase } from "./site.ts";

export interface NextHopServer {
  readonly ports: {
    readonly tls: number;
    readonly plain: number;
    readonly login: number;
    /** TLS from the first octet. */
    readonly smtps: number;
  };
  log(): string;
  /** Messages in the mailbox, with the fields that Postfix put before them. */
  messages(user: string): readonly string[];
  stop(): Promise<void>;
}

export const LOGIN = { name: "gatepost", password: "s3 cret,=" } as const;

export async function startNextHop(): Promise<NextHopServer> {
  const base = await freePortBase();
  const ports = { tls: base + 1, plain: base + 2, login: base + 3, smtps: base + 4 };
  const pair = await makeSelfSigned("mx.foreign.example", Date.now());
  const postfix = await launchPostfix(
    (home) => {
      writeFileSync(join(home, "cert.pem"), pair.certificate);
      writeFileSync(join(home, "key.pem"), pair.key, { mode: 0o600 });
      mkdirSync(join(home, "mail"));
      chmodSync(join(home, "mail"), 0o777); // the one who delivers is nobody
      return mainConfiguration(home);
    },
    MASTER + listeners(ports),
  );
  const dovecot = await startDovecot(postfix.home);
  return {
    ports,
    log: () => postfix.log(),
    messages: (user) => maildir(join(postfix.home, "mail", user)),
    async stop() {
      await postfix.stop();
      dovecot.kill("SIGTERM");
      if (dovecot.exitCode === null) await once(dovecot, "exit");
    },
  };
}

/** As who it delivers: nobody, on every Debian. */
const NOBODY = 65_534;

function mainConfiguration(home: string): string {
  return `myhostname = mx.foreign.example
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
alias_maps =
alias_database =
virtual_mailbox_domains = foreign.example
virtual_mailbox_base = ${home}/mail
virtual_mailbox_maps = inline:{ { bob@foreign.example = bob/ }, { eve@foreign.example = eve/ }, { jürg@foreign.example = bob/ } }
virtual_uid_maps = static:${NOBODY}
virtual_gid_maps = static:${NOBODY}
smtpd_tls_security_level = may
smtpd_tls_cert_file = ${home}/cert.pem
smtpd_tls_key_file = ${home}/key.pem
smtpd_tls_loglevel = 1
smtpd_tls_received_header = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_recipient_limit = 100
smtputf8_enable = yes
message_size_limit = 0
mailbox_size_limit = 0
virtual_mailbox_limit = 0
`;
}

function listeners({ tls, plain, login, smtps }: NextHopServer["ports"]): string {
  return `127.0.0.1:${tls} inet n - n - - smtpd
127.0.0.1:${plain} inet n - n - - smtpd -o smtpd_tls_security_level=none
127.0.0.1:${login} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes -o smtpd_tls_auth_only=yes -o smtpd_client_restrictions=permit_sasl_authenticated,reject
127.0.0.1:${smtps} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
verify unix - - n - 1 verify
`;
}

/** Nothing of Dovecot but its authentication. */
async function startDovecot(home: string): Promise<ChildProcess> {
  const [config, socket] = [join(home, "dovecot.conf"), join(home, "queue/private/auth")];
  writeFileSync(join(home, "users"), `${LOGIN.name}:{PLAIN}${LOGIN.password}\n`);
  writeFileSync(
    config,
    `base_dir = ${home}/dovecot
log_path = ${home}/dovecot.log
protocols =
ssl = no
auth_mechanisms = plain login scram-sha-256
passdb {
  driver = passwd-file
  args = username_format=%u ${home}/users
}
userdb {
  driver = static
  args = uid=${NOBODY} gid=${NOBODY} home=${home}
}
service auth {
  unix_listener ${socket} {
    mode = 0666
  }
}
`,
  );
  const dovecot = spawn("dovecot", ["-F", "-c", config], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  dovecot.stderr.on("data", (bytes: Buffer) => (said += bytes.toString()));
  for (let tries = 0; !existsSync(socket); tries++) {
    if (tries > 200 || dovecot.exitCode !== null) throw new Error(`dovecot: ${said}`);
    await setTimeout(50);
  }
  return dovecot;
}
