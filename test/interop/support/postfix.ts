/**
 * A Postfix of one's own: its configuration, queue and log below a temporary directory, no chroot. `startPostfix` has no
 * listener and sends everything to one port of loopback; `launchPostfix` is told what it is. Runs as root, as Postfix itself must.
 */
import assert from "node:assert/strict";
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PrivateNetwork } from "./private-network.ts";
import { run } from "./programs.ts";
import { temporaryDirectory } from "./site.ts";

export interface Postfix {
  /** Hands a message to the queue as a local program does. */
  submit(message: Buffer, from: string, to: string): Promise<void>;
  /** What it has logged so far. */
  log(): string;
  stop(): Promise<void>;
}

/** `more`: further lines of its main.cf. */
export async function startPostfix(port: number, more = ""): Promise<Postfix> {
  return sending(await launchPostfix(() => `${mainConfiguration(port)}${more}`, MASTER));
}

/** One that looks for the servers of domains itself, by the network's resolver, and holds their certificates against TLSA records. */
export async function startDanePostfix(network: PrivateNetwork): Promise<Postfix> {
  return sending(await launchPostfix(() => DANE_CONFIGURATION, MASTER, network));
}

function sending(launched: Launched): Postfix {
  return {
    async submit(message, from, to) {
      const args = ["-C", launched.config, "-i", "-f", from, "--", to];
      const { code, said } = await run("sendmail", args, { input: message });
      assert.equal(code, 0, said);
    },
    log: () => launched.log(),
    stop: () => launched.stop(),
  };
}

export interface Launched {
  /** The directory below which all of it is. */
  readonly home: string;
  readonly config: string;
  log(): string;
  stop(): Promise<void>;
}

/** A Postfix with these main.cf (of its home) and master.cf (the same, or a text); in a network of its own where one is given. */
export async function launchPostfix(
  main: (home: string) => string,
  master: string | ((home: string) => string),
  network?: PrivateNetwork,
): Promise<Launched> {
  const home = temporaryDirectory();
  chmodSync(home, 0o755); // Postfix drops to a user of its own, who must get through
  const [config, log] = [join(home, "etc"), join(home, "postfix.log")];
  for (const folder of ["etc", "queue", "data"]) mkdirSync(join(home, folder));
  writeFileSync(join(config, "main.cf"), `${main(home)}${places(home, log)}`);
  writeFileSync(join(config, "master.cf"), typeof master === "string" ? master : master(home));
  const owner = await run("id", ["-u", "postfix"]);
  chownSync(join(home, "data"), Number(owner.stdout.toString()), 0);
  const control = async (command: string): Promise<void> => {
    const args = ["-c", config, command];
    const { code, said } = await (network?.run("postfix", args) ?? run("postfix", args));
    assert.equal(code, 0, said);
  };
  await control("start");
  return {
    home,
    config,
    log: () => readFileSync(log, "utf8"),
    stop: () => control("stop"),
  };
}

function places(home: string, log: string): string {
  return `compatibility_level = 3.6
queue_directory = ${home}/queue
data_directory = ${home}/data
maillog_file = ${log}
maillog_file_prefixes = ${home}
`;
}

function mainConfiguration(port: number): string {
  return `myhostname = postfix.remote.example
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
alias_maps =
alias_database =
relayhost = [127.0.0.1]:${port}
smtp_tls_security_level = encrypt
smtp_tls_loglevel = 1
smtp_generic_maps =
smtputf8_enable = yes
message_size_limit = 0
mailbox_size_limit = 0
`;
}

const DANE_CONFIGURATION = `myhostname = postfix.remote.example
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
alias_maps =
alias_database =
smtp_tls_security_level = dane
smtp_dns_support_level = dnssec
smtp_tls_loglevel = 1
`;

/** service, type, private, unprivileged, chroot, wakeup, maxproc, command (master(5)) */
export const MASTER = `pickup unix n - n 1 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`;
