/**
 * An Exim of one's own, in the foreground: its configuration, spool, log and mailboxes below a temporary directory, one
 * port of loopback. A login is by PLAIN or LOGIN, under TLS.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { EXIM, EXIM_USER } from "../../../scripts/exim.ts";
import { makeSelfSigned } from "../../../src/net/index.ts";
import { isOpen } from "./conversation.ts";
import { DEAD, GATEWAYS, LATER, MAILBOXES, type Peer, type PeerPlace } from "./peer.ts";
import { run } from "./programs.ts";
import { maildir } from "./maildir.ts";
import { temporaryDirectory } from "./site.ts";

const DOMAIN = "exim.example";
export const LOGIN = { name: "gatepost", password: "s3 cret" } as const;

/** `shown`: PEM of a certificate, its issuers and its key, for servers that ask for one. */
export async function startExim(place: PeerPlace, shown?: string): Promise<Peer> {
  const home = temporaryDirectory();
  const config = await furnish(home, place, shown);
  // Exim starts itself again, as its own user, who may not get through to where it was unpacked.
  const program = join(home, "exim4");
  const daemon = spawn(program, ["-C", config, "-bdf", "-q5s"], { stdio: "ignore" });
  const ended = once(daemon, "exit");
  const log = (): string => readEximLog(join(home, "log"));
  await untilEximListens(place.port, () => daemon.exitCode, log);
  return {
    name: "Exim",
    domain: DOMAIN,
    port: place.port,
    async submit(message, from, to) {
      const args = ["-C", config, "-oi", "-f", from === "" ? "<>" : from, "--", to];
      const { code, said } = await run(program, args, { input: message });
      assert.equal(code, 0, said);
    },
    log,
    bouncesTo: (address) =>
      log()
        .split("\n")
        .filter((line) => line.includes(" <= <> ") && line.endsWith(` for ${address}`)).length,
    messages: (user) => maildir(join(home, "mail", user)),
    async stop() {
      daemon.kill("SIGTERM");
      await ended;
    },
  };
}

/** Returns the configuration. All of it belongs to Exim's user but what Exim wants to be root's. */
async function furnish(home: string, place: PeerPlace, shown?: string): Promise<string> {
  chmodSync(home, 0o755);
  const { uid, gid } = await eximOwner();
  for (const folder of ["spool", "log", "mail"]) {
    mkdirSync(join(home, folder));
    chownSync(join(home, folder), uid, gid);
  }
  const pair = await makeSelfSigned("mx.exim.example", Date.now());
  for (const [file, text] of [
    ["cert.pem", pair.certificate],
    ["key.pem", pair.key],
    ["shown.pem", shown ?? ""],
  ] as const) {
    writeFileSync(join(home, file), text, { mode: 0o600 });
    chownSync(join(home, file), uid, gid);
  }
  copyFileSync(EXIM, join(home, "exim4"));
  chmodSync(join(home, "exim4"), 0o755);
  const config = join(home, "exim.conf");
  writeFileSync(config, configuration(home, place, shown !== undefined));
  return config;
}

/** As who it works. */
export async function eximOwner(): Promise<{ readonly uid: number; readonly gid: number }> {
  const [uid, gid] = await Promise.all([idOf("-u"), idOf("-g")]);
  return { uid, gid };
}

async function idOf(which: "-u" | "-g"): Promise<number> {
  const { code, stdout, said } = await run("id", [which, EXIM_USER]);
  assert.equal(code, 0, said);
  return Number(stdout.toString());
}

/** Without a setuid program every part of it works as its own user: `deliver_drop_privilege`. */
function configuration(home: string, { port, gatepost, user }: PeerPlace, shows: boolean): string {
  return `primary_hostname = mx.exim.example
exim_path = ${home}/exim4
spool_directory = ${home}/spool
log_file_path = ${home}/log/%slog
log_selector = +received_recipients +return_path_on_delivery +smtp_confirmation
deliver_drop_privilege
keep_environment =
disable_ipv6
local_interfaces = 127.0.0.1
daemon_smtp_ports = ${port}
tls_advertise_hosts = *
tls_certificate = ${home}/cert.pem
tls_privatekey = ${home}/key.pem
dsn_advertise_hosts = *
smtputf8_advertise_hosts = *
received_headers_max = 20
smtp_accept_queue_per_connection = 0
acl_smtp_rcpt = recipient
acl_smtp_data = accept
domainlist here = ${[DOMAIN, ...GATEWAYS].join(" : ")}

begin acl
recipient:
  defer domains = +here
        local_parts = ${LATER}
        message = 4.2.1 the mailbox is being moved
  deny  !domains = +here : local.example
        message = 5.7.1 relaying is not for you
  deny  !verify = recipient
        message = 5.1.1 nobody of that name here
  accept

begin routers
gatepost:
  driver = manualroute
  domains = local.example
  route_list = * 127.0.0.1::${gatepost}
  self = send
  transport = smtp
  no_more
back:
  driver = redirect
  local_parts = back
  data = ${user}
round:
  driver = redirect
  local_parts = round
  data = round@local.example
dead:
  driver = redirect
  local_parts = ${DEAD}
  allow_fail
  no_verify
  data = :fail: the mailbox has gone
mailboxes:
  driver = accept
  local_parts = ${MAILBOXES.join(" : ")}
  transport = maildir
seemingly_there:
  driver = accept
  local_parts = ${DEAD}
  verify_only

begin transports
smtp:
  driver = smtp
  allow_localhost
${shows ? `  tls_certificate = ${home}/shown.pem\n` : ""}maildir:
  driver = appendfile
  directory = ${home}/mail/$local_part_data
  maildir_format
  delivery_date_add
  envelope_to_add
  return_path_add

begin authenticators
PLAIN:
  driver = plaintext
  server_prompts = :
  server_condition = \${if and{{eq{$auth2}{${LOGIN.name}}}{eq{$auth3}{${LOGIN.password}}}}}
  server_set_id = $auth2
  server_advertise_condition = \${if def:tls_in_cipher}
LOGIN:
  driver = plaintext
  server_prompts = Username:: : Password::
  server_condition = \${if and{{eq{$auth1}{${LOGIN.name}}}{eq{$auth2}{${LOGIN.password}}}}}
  server_set_id = $auth1
  server_advertise_condition = \${if def:tls_in_cipher}

begin retry
* * F,1h,5s
`;
}

export function readEximLog(folder: string): string {
  const read = (name: string): string => {
    const file = join(folder, name);
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  };
  return ["mainlog", "rejectlog", "paniclog"].map(read).join("");
}

export async function untilEximListens(
  port: number,
  exitCode: () => number | null,
  log: () => string,
): Promise<void> {
  for (let tries = 0; !(await isOpen(port)); tries++) {
    if (tries > 200 || exitCode() !== null) throw new Error(`Exim: ${log()}`);
    await setTimeout(50);
  }
}
