/**
 * Postfix below a temporary directory, configuration, queue and mail, on one port of loopback. Defaults stand except where
 * they would slow it down here (look-ups of client names, limits per client, pauses). As a mailbox server for one virtual
 * domain it delivers into maildirs by its own virtual(8), which flushes each message, and relays for nobody; as a relay it
 * trusts loopback and passes everything on to one host; as a submission server it does so for users who log in over TLS.
 */
import assert from "node:assert/strict";
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { run } from "../../test/interop/support/programs.ts";
import { temporaryDirectory } from "../../test/interop/support/site.ts";
import type { Certificate } from "./certificate.ts";
import { countIn } from "./maildir.ts";
import {
  READ_MAILBOX,
  SINK_MAILBOX,
  type CountingSink,
  type Peer,
  type RelayPeer,
  type SmtpPeer,
} from "./peer.ts";
import { makeSaslUsers } from "./sasl-users.ts";

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

/** With a certificate it offers STARTTLS; that a session can be resumed is its default. */
export async function startPostfix(port: number, certificate?: Certificate): Promise<Postfix> {
  const tls = certificate === undefined ? "" : tlsLines(certificate, "may");
  const { home, ...instance } = await launch(port, ({ home: at }) => mailboxLines(at) + tls);
  return {
    ...instance,
    name: "Postfix",
    smtp: port,
    readMaildir: join(home, "mail", READ_MAILBOX),
    delivered: () => queueIsEmpty(join(home, "queue")),
    stored: () => Promise.resolve(countIn(join(home, "mail", SINK_MAILBOX))),
  };
}

/** How its smtp(8) speaks to the sink: lines for main.cf; left out, in the clear, as is its default. */
export async function startRelayingPostfix(
  port: number,
  sink: CountingSink,
  outgoing = "",
): Promise<RelayPeer> {
  const instance = await launch(port, () => relayLines(sink.smtp) + outgoing);
  return relayPeer(instance, port, sink);
}

/** Relays for users who log in over TLS, through a milter on a port of loopback where one is given. */
export async function startSubmissionPostfix(
  port: number,
  sink: CountingSink,
  certificate: Certificate,
  milter?: Peer & { readonly port: number },
): Promise<RelayPeer> {
  const instance = await launch(port, async ({ home, owner }) =>
    [
      `mynetworks = 192.0.2.1/32\nrelayhost = [127.0.0.1]:${sink.smtp}\n`,
      tlsLines(certificate, "encrypt"),
      await makeSaslUsers(join(home, "etc"), owner),
      milter === undefined ? "" : `smtpd_milters = inet:127.0.0.1:${milter.port}\n`,
    ].join(""),
  );
  const relay = relayPeer(instance, port, sink);
  if (milter === undefined) return relay;
  return { ...relay, name: `Postfix, ${milter.name}`, helpers: [milter.pid] };
}

function relayPeer(instance: Instance, port: number, sink: CountingSink): RelayPeer {
  return {
    ...instance,
    name: "Postfix",
    smtp: port,
    sink,
    stored: () => Promise.resolve(sink.messages()),
  };
}

interface Instance {
  readonly home: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Where it lives, and the number of the user whom its processes become. */
interface Place {
  readonly home: string;
  readonly owner: number;
}

async function launch(
  port: number,
  ownLines: (place: Place) => string | Promise<string>,
): Promise<Instance> {
  const home = temporaryDirectory();
  chmodSync(home, 0o755); // Postfix drops to users of its own, who must get through
  for (const folder of ["etc", "queue", "data", "mail"]) mkdirSync(join(home, folder));
  const config = join(home, "etc");
  const owner = Number((await run("id", ["-u", "postfix"])).stdout.toString());
  writeFileSync(join(config, "main.cf"), commonLines(home) + (await ownLines({ home, owner })));
  writeFileSync(join(config, "master.cf"), masterConfiguration(port));
  chownSync(join(home, "data"), owner, 0);
  chownSync(join(home, "mail"), MAIL_USER, MAIL_USER);
  await control(config, "start");
  const pid = Number(readFileSync(join(home, "queue/pid/master.pid"), "latin1"));
  return { home, pid, stop: () => control(config, "stop") };
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

function commonLines(home: string): string {
  return `compatibility_level = 3.6
queue_directory = ${home}/queue
data_directory = ${home}/data
myhostname = mx.local.example
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
alias_maps =
alias_database =
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
in_flow_delay = 0
`;
}

function mailboxLines(home: string): string {
  const mailboxes = [SINK_MAILBOX, READ_MAILBOX].map((name) => `{ ${name} = ${name}/ }`);
  return `mynetworks = 192.0.2.1/32
virtual_mailbox_domains = local.example
virtual_mailbox_base = ${home}/mail
virtual_mailbox_maps = inline:{ ${mailboxes.join(", ")} }
virtual_uid_maps = static:${MAIL_USER}
virtual_gid_maps = static:${MAIL_USER}
smtpd_relay_restrictions = reject_unauth_destination
`;
}

function relayLines(sinkPort: number): string {
  return `mynetworks = 127.0.0.0/8
relayhost = [127.0.0.1]:${sinkPort}
`;
}

function tlsLines({ certificate, key }: Certificate, level: "may" | "encrypt"): string {
  return `smtpd_tls_security_level = ${level}
smtpd_tls_cert_file = ${certificate}
smtpd_tls_key_file = ${key}
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
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
tlsproxy unix - - n - 0 tlsproxy
`;
}
