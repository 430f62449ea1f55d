/**
 * Postfix below a temporary directory, configuration, queue and mail, on one port of loopback. Defaults stand except where
 * they would slow it down here (look-ups of client names, limits per client, pauses). As a mailbox server for one virtual
 * domain it delivers into maildirs by its own virtual(8), which flushes each message, relays for nobody, and may authenticate
 * what comes in; as a relay it trusts loopback and passes everything on to one host; as a submission server it does so for users who
 * log in over TLS.
 */
import assert from "node:assert/strict";
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { PrivateNetwork } from "../../test/interop/support/private-network.ts";
import { run } from "../../test/interop/support/programs.ts";
import { temporaryDirectory } from "../../test/interop/support/site.ts";
import type { Certificate } from "./certificate.ts";
import type { Filter } from "./filter.ts";
import { countIn, newestIn } from "./maildir.ts";
import {
  READ_MAILBOX,
  SINK_MAILBOX,
  type CountingSink,
  type Peer,
  type ReadablePeer,
  type RelayPeer,
  type SmtpPeer,
} from "./peer.ts";
import { ASKS_POLICYD_SPF, spawnsPolicydSpf } from "./policyd-spf.ts";
import {
  commonLines,
  listenerLines,
  mailboxLines,
  MAIL_USER,
  masterConfiguration,
  NAMELESS,
  relayLines,
  tlsLines,
} from "./postfix-configuration.ts";
import { makeSaslUsers } from "./sasl-users.ts";

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
  const instance = await launch(port, ({ home }) => mailboxLines(home) + NAMELESS + tls);
  const readMaildir = join(instance.home, "mail", READ_MAILBOX);
  return { ...mailboxPeer(instance, port), readMaildir };
}

/**
 * In a network of its own. With filters it authenticates what comes in: SPF by policyd-spf, the others as milters in their order, and
 * it looks up the client's name, as is its default.
 */
export async function startPostfixIn(
  network: PrivateNetwork,
  port: number,
  filters: readonly Filter[],
): Promise<ReadablePeer> {
  if (filters.length === 0) {
    const bare = ({ home }: Place): string => mailboxLines(home) + NAMELESS;
    return mailboxPeer(await launch(port, bare, { network }), port);
  }
  const sockets = filters.map(({ socket }) => `unix:${socket}`);
  const own = ({ home }: Place): string =>
    `${mailboxLines(home)}${ASKS_POLICYD_SPF}smtpd_milters = ${sockets.join(", ")}\n`;
  const services = ({ home }: Place): string => spawnsPolicydSpf(join(home, "etc"));
  const instance = await launch(port, own, { network, services });
  return {
    ...mailboxPeer(instance, port),
    name: "Postfix, authenticating",
    helpers: filters.map(({ pid }) => pid),
  };
}

/** In a network of its own, behind postscreen(8) with these lines for main.cf. */
export async function startScreenedPostfixIn(
  network: PrivateNetwork,
  port: number,
  screening: string,
): Promise<ReadablePeer> {
  const own = ({ home }: Place): string => mailboxLines(home) + NAMELESS + screening;
  const instance = await launch(port, own, { network, screened: true });
  return { ...mailboxPeer(instance, port), name: "Postfix, postscreen" };
}

function mailboxPeer({ home, ...instance }: Instance, port: number): ReadablePeer {
  const maildir = join(home, "mail", SINK_MAILBOX);
  return {
    ...instance,
    name: "Postfix",
    smtp: port,
    delivered: () => queueIsEmpty(join(home, "queue")),
    stored: () => Promise.resolve(countIn(maildir)),
    newest: (count) => Promise.resolve(newestIn(maildir, count)),
  };
}

/** How its smtp(8) speaks to the sink: lines for main.cf; left out, in the clear, as is its default. */
export async function startRelayingPostfix(
  port: number,
  sink: CountingSink,
  outgoing = "",
): Promise<RelayPeer> {
  const instance = await launch(port, () => relayLines(sink.smtp) + NAMELESS + outgoing);
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
      NAMELESS,
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

interface LaunchOptions {
  readonly network?: PrivateNetwork;
  /** postscreen(8) stands in front. */
  readonly screened?: boolean;
  /** Further lines of master.cf. */
  readonly services?: (place: Place) => string;
}

async function launch(
  port: number,
  ownLines: (place: Place) => string | Promise<string>,
  { network, screened = false, services }: LaunchOptions = {},
): Promise<Instance> {
  const home = temporaryDirectory();
  chmodSync(home, 0o755); // Postfix drops to users of its own, who must get through
  for (const folder of ["etc", "queue", "data", "mail"]) mkdirSync(join(home, folder));
  const config = join(home, "etc");
  const owner = Number((await run("id", ["-u", "postfix"])).stdout.toString());
  writeFileSync(join(config, "main.cf"), commonLines(home) + (await ownLines({ home, owner })));
  writeFileSync(
    join(config, "master.cf"),
    [listenerLines(port, screened), masterConfiguration(), services?.({ home, owner }) ?? ""].join(
      "",
    ),
  );
  chownSync(join(home, "data"), owner, 0);
  chownSync(join(home, "mail"), MAIL_USER, MAIL_USER);
  const control = async (command: string): Promise<void> => {
    const args = ["-c", config, command];
    const { code, said } = await (network?.run("postfix", args) ?? run("postfix", args));
    assert.equal(code, 0, said);
  };
  await control("start");
  const pid = Number(readFileSync(join(home, "queue/pid/master.pid"), "latin1"));
  return { home, pid, stop: () => control("stop") };
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
