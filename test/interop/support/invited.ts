/**
 * Somebody else's Postfix and Exim that go by the settings which `gatepost peer invite` or `gatepost mailbox certificate invite` has printed, as they stand; only where files
 * are and where the server is found is the test's.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { EXIM, EXIM_USER } from "../../../scripts/exim.ts";
import { launchPostfix, MASTER } from "./postfix.ts";
import { run } from "./programs.ts";
import { temporaryDirectory } from "./site.ts";

export interface Invited {
  submit(message: string, from: string, to: string): Promise<void>;
  log(): string;
  stop(): Promise<void>;
}

/** `dir`: what the peer was sent. */
export type StartInvited = (dir: string) => Promise<Invited>;

export async function startInvitedPostfix(dir: string): Promise<Invited> {
  const printed = section(dir, "Postfix");
  const services = block(printed, "gatepost unix");
  const launched = await launchPostfix(
    (home) => {
      cpSync(dir, join(home, "etc", "peers"), { recursive: true });
      const routes = block(printed, "local.example").replaceAll(/\[[^\]]+\]/g, "[127.0.0.1]");
      writeFileSync(join(home, "etc", "transport"), routes);
      return `myhostname = mx.bravo.example
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
alias_maps =
alias_database =
smtp_tls_loglevel = 1
bounce_queue_lifetime = 0
${block(printed, "transport_maps").replaceAll("/etc/postfix", join(home, "etc"))}`;
    },
    (home) => MASTER + services.replaceAll("/etc/postfix", join(home, "etc")),
  );
  return {
    async submit(message, from, to) {
      const args = ["-C", launched.config, "-i", "-f", from, "--", to];
      const { code, said } = await run("sendmail", args, { input: Buffer.from(message) });
      assert.equal(code, 0, said);
    },
    log: () => launched.log(),
    stop: () => launched.stop(),
  };
}

/** It is run for each message, and delivers it at once. `name`: of the peer or the certificate. */
export async function startInvitedExim(dir: string, name = "bravo"): Promise<Invited> {
  const home = temporaryDirectory();
  chmodSync(home, 0o755);
  const [uid, gid] = await Promise.all([idOf("-u"), idOf("-g")]);
  const own = (path: string): void => chownSync(join(home, path), uid, gid);
  for (const folder of ["spool", "log"]) {
    mkdirSync(join(home, folder));
    own(folder);
  }
  cpSync(dir, join(home, "sent"), { recursive: true });
  own("sent");
  for (const file of [`${name}.pem`, `${name}-key.pem`, "mx.local.example.pem"])
    own(`sent/${file}`);
  const program = join(home, "exim4");
  copyFileSync(EXIM, program);
  chmodSync(program, 0o755);
  const config = join(home, "exim.conf");
  writeFileSync(config, eximConfiguration(home, section(dir, "Exim")));
  const logFile = join(home, "log", "mainlog");
  return {
    async submit(message, from, to) {
      const args = ["-C", config, "-odi", "-oi", "-f", from, "--", to];
      const exim = spawn(program, args, { stdio: ["pipe", "ignore", "ignore"] });
      exim.stdin.end(message);
      await once(exim, "exit");
    },
    log: () => readFileSync(logFile, "utf8"),
    stop: () => Promise.resolve(),
  };
}

/** The server's name leads nowhere here, so it is not looked for in the certificate, which is held against the file all the same. */
function eximConfiguration(home: string, printed: string): string {
  const here = printed.replaceAll(/\/etc\/exim4\/(?:peers|gatepost)/g, join(home, "sent"));
  const [router = "", transport = "", login = ""] = here.match(/^gatepost:\n(?: .*\n)+/gm) ?? [];
  return `primary_hostname = mx.bravo.example
exim_path = ${home}/exim4
spool_directory = ${home}/spool
log_file_path = ${home}/log/%slog
deliver_drop_privilege
keep_environment =
disable_ipv6
local_interfaces = 127.0.0.1
trusted_users = root
domainlist local_domains = bravo.example

begin routers
${router.replace("mx.local.example", "127.0.0.1")}  self = send

begin transports
${transport}  tls_verify_cert_hostnames =
  hosts_try_fastopen =

begin retry
* * F,1h,1m

begin authenticators
${login}`;
}

async function idOf(which: "-u" | "-g"): Promise<number> {
  const { code, stdout, said } = await run("id", [which, EXIM_USER]);
  assert.equal(code, 0, said);
  return Number(stdout.toString());
}

function section(dir: string, program: string): string {
  const text = readFileSync(join(dir, "settings.txt"), "utf8");
  const found = text.split(/^---- /m).find((one) => one.startsWith(program));
  assert.ok(found !== undefined, text);
  return found;
}

/** The lines up to the next empty one, from the first that begins so. */
function block(text: string, begin: string): string {
  const at = text.indexOf(`\n${begin}`) + 1;
  assert.ok(at > 0, `${begin} in ${text}`);
  return `${text.slice(at).split("\n\n", 1)[0] ?? ""}\n`;
}
