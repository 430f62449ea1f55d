/**
 * Postfix as a mailbox server for one virtual domain: configuration, queue and mail below a temporary directory,
 * one port of loopback, delivery into maildirs by its own virtual(8), which flushes each message. Defaults stand
 * except where they would slow it down here (look-ups of client names, limits per client, pauses) or let loopback relay.
 */
import assert from "node:assert/strict";
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { run } from "../../test/interop/support/programs.ts";
import { temporaryDirectory } from "../../test/interop/support/site.ts";
import { countIn } from "./maildir.ts";
import { READ_MAILBOX, SINK_MAILBOX, type SmtpPeer } from "./peer.ts";

/** The user that owns delivered mail: nobody. */
export const MAIL_USER = 65_534;

/** More smtpd processes than any load here opens connections. */
const PROCESSES = 2100;

/** Milliseconds between two looks at the queue, and at most until it is empty. */
const LOOK_MS = 10;
const DELIVERY_LIMIT_MS = 300_000;

export interface Postfix extends SmtpPeer {
  /** The maildir of the mailbox that is read. */
  readonly readMaildir: string;
}

export async function startPostfix(port: number): Promise<Postfix> {
  const home = temporaryDirectory();
  chmodSync(home, 0o755); // Postfix drops to users of its own, who must get through
  for (const folder of ["etc", "queue", "data", "mail"]) mkdirSync(join(home, folder));
  const config = join(home, "etc");
  writeFileSync(join(config, "main.cf"), mainConfiguration(home));
  writeFileSync(join(config, "master.cf"), masterConfiguration(port));
  const owner = await run("id", ["-u", "postfix"]);
  chownSync(join(home, "data"), Number(owner.stdout.toString()), 0);
  chownSync(join(home, "mail"), MAIL_USER, MAIL_USER);
  await control(config, "start");
  const pid = Number(readFileSync(join(home, "queue/pid/master.pid"), "latin1"));
  return {
    name: "Postfix",
    pid,
    smtp: port,
    readMaildir: join(home, "mail", READ_MAILBOX),
    delivered: () => queueIsEmpty(join(home, "queue")),
    stored: () => Promise.resolve(countIn(join(home, "mail", SINK_MAILBOX))),
    stop: () => control(config, "stop"),
  };
}

async function control(config: string, command: string): Promise<void> {
  const { code, said } = await run("postfix", ["-c", config, command]);
  assert.equal(code, 0, said);
}

/** A deferred message would be waited for in vain: it is a fault of this set-up. */
async function queueIsEmpty(queue: string): Promise<void> {
  const until = performance.now() + DELIVERY_LIMIT_MS;
  const waiting = (): number =>
    ["incoming", "active", "maildrop"].reduce(
      (sum, name) => sum + readdirSync(join(queue, name)).length,
      0,
    );
  while (waiting() > 0) {
    if (performance.now() > until) throw new Error("Postfix does not get its queue empty");
    await setTimeout(LOOK_MS);
  }
  const deferred = readdirSync(join(queue, "deferred"), { recursive: true, withFileTypes: true });
  assert.ok(!deferred.some((entry) => entry.isFile()), "Postfix has deferred mail");
}

function mainConfiguration(home: string): string {
  const mailboxes = [SINK_MAILBOX, READ_MAILBOX].map((name) => `{ ${name} = ${name}/ }`);
  return `compatibility_level = 3.6
queue_directory = ${home}/queue
data_directory = ${home}/data
myhostname = mx.local.example
mydestination =
mynetworks = 192.0.2.1/32
inet_interfaces = loopback-only
inet_protocols = ipv4
alias_maps =
alias_database =
virtual_mailbox_domains = local.example
virtual_mailbox_base = ${home}/mail
virtual_mailbox_maps = inline:{ ${mailboxes.join(", ")} }
virtual_uid_maps = static:${MAIL_USER}
virtual_gid_maps = static:${MAIL_USER}
smtpd_relay_restrictions = reject_unauth_destination
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
in_flow_delay = 0
`;
}

/** service, type, private, unprivileged, chroot, wakeup, maxproc, command (master(5)) */
function masterConfiguration(port: number): string {
  return `127.0.0.1:${port} inet n - n - ${PROCESSES} smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
`;
}
