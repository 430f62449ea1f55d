/** Gatepost as an operator runs it: `bin/gatepost`, a site of its own, its own limits raised where one client is all clients. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { runClientIn } from "../load/client.ts";
import { converse } from "../../test/interop/support/conversation.ts";
import type { PrivateNetwork } from "../../test/interop/support/private-network.ts";
import { run } from "../../test/interop/support/programs.ts";
import {
  freePortBase,
  GATEPOST,
  portsOf,
  startServer,
  temporaryDirectory,
  type Server,
} from "../../test/interop/support/site.ts";
import {
  FAR_MAILBOX,
  HOSTNAME,
  PASSWORD,
  READ_MAILBOX,
  SINK_MAILBOX,
  type CountingSink,
  type Pop3Peer,
  type ReadablePeer,
  type RelayPeer,
  type SmtpPeer,
} from "./peer.ts";

/** All load comes from one address, and no sender of 52,428,800 octets of body may be too large with its header. */
export const SETTINGS = [
  "log.level=warn",
  "limits.connections_per_address=5000",
  "limits.message_bytes=60000000",
] as const;

/** Above the port base, as all ports are. */
const DNS_PORT = 53;

export interface GatepostSite {
  readonly directory: string;
  readonly config: string;
  readonly store: string;
  readonly smtp: number;
  readonly submission: number;
  readonly pop3: number;
  readonly dns: number;
}

/** A fresh site with the bench's two mailboxes. */
export async function makeGatepostSite(): Promise<GatepostSite> {
  const directory = temporaryDirectory();
  const base = await freePortBase();
  const config = join(directory, "gatepost.toml");
  const name = ["--hostname", HOSTNAME, "--domain", "local.example"];
  const mailbox = ["--mailbox", SINK_MAILBOX, "--password", PASSWORD];
  const place = ["--listen", "127.0.0.1", "--port-base", String(base), "--dir", directory];
  await gatepost("init", ...name, ...mailbox, ...place);
  await gatepost("mailbox", "add", READ_MAILBOX, "--password", PASSWORD, "--config", config);
  const { smtp, submission, pop3 } = portsOf(base);
  const store = join(directory, "gatepost.db");
  return { directory, config, store, smtp, submission, pop3, dns: base + DNS_PORT };
}

export type Gatepost = SmtpPeer & Pop3Peer;

export async function startGatepost(): Promise<Gatepost> {
  const site = await makeGatepostSite();
  const server = await serve(site, SETTINGS);
  return {
    name: "Gatepost",
    pid: server.pid,
    smtp: site.smtp,
    pop3: site.pop3,
    stored: () => messagesIn(site.config, SINK_MAILBOX),
    stop: server.stop,
  };
}

const Contents = z.array(z.string());

/** In a network of its own; what it does with strangers is in its settings. */
export async function startGatepostIn(
  network: PrivateNetwork,
  name: string,
  settings: readonly string[],
): Promise<ReadablePeer> {
  const site = await makeGatepostSite();
  const server = await serve(site, [...SETTINGS, ...settings], network.program(GATEPOST));
  return {
    name,
    pid: server.pid,
    smtp: site.smtp,
    stored: () => messagesIn(site.config, SINK_MAILBOX),
    async newest(count) {
      const printed = await runClientIn(network, "pop3-newest.ts", site.pop3, count);
      return Contents.parse(printed);
    },
    stop: server.stop,
  };
}

/** As the gateway of a domain whose mailboxes are at the sink: smtp-source cannot log in. */
export async function startRelayingGatepost(
  sink: CountingSink,
  settings: readonly string[] = [],
): Promise<RelayPeer> {
  const site = await makeGatepostSite();
  const server = await serve(site, [...SETTINGS, gatewayTo(sink.smtp), ...settings]);
  return {
    name: "Gatepost",
    pid: server.pid,
    smtp: site.smtp,
    sink,
    stored: () => Promise.resolve(sink.messages()),
    stop: server.stop,
  };
}

/** Which of the DKIM keys that `init` makes a domain has. */
export type SigningWith = "nothing" | "RSA" | "RSA and Ed25519";

export interface SigningGatepost extends RelayPeer {
  /** The TXT records of its keys, by name. */
  readonly records: ReadonlyMap<string, string>;
}

/** For users who log in: everything goes on to the sink. */
export async function startSubmissionGatepost(
  sink: CountingSink,
  signingWith: SigningWith,
): Promise<SigningGatepost> {
  const site = await makeGatepostSite();
  takeKeysAway(site, signingWith);
  const records = await keyRecords(site.config);
  const route = `routes={ "*" = "smtp://127.0.0.1:${sink.smtp}" }`;
  const server = await serve(site, [...SETTINGS, ...UNLIMITED_SENDING, route]);
  return {
    name: signingWith === "nothing" ? "Gatepost" : `Gatepost, ${signingWith}`,
    pid: server.pid,
    smtp: site.submission,
    sink,
    records,
    stored: () => Promise.resolve(sink.messages()),
    stop: server.stop,
  };
}

/** One user sends all of the load. */
const UNLIMITED_SENDING = [
  "sending.messages_per_hour=10000000",
  "sending.recipients_per_hour=10000000",
  "sending.messages_per_day=10000000",
  "sending.recipients_per_day=10000000",
] as const;

/** No command leaves a domain without keys or with one alone: out of the store, before a server opens it. */
function takeKeysAway({ store: path }: GatepostSite, signingWith: SigningWith): void {
  if (signingWith === "RSA and Ed25519") return;
  const store = new DatabaseSync(path);
  const which = signingWith === "RSA" ? " WHERE algorithm = 'ed25519'" : "";
  store.exec(`DELETE FROM dkim_key${which}`);
  store.close();
}

const Keys = z.array(z.object({ name: z.string(), txt: z.string() }));

async function keyRecords(config: string): Promise<ReadonlyMap<string, string>> {
  const [, domain = ""] = SINK_MAILBOX.split("@");
  const listed = await gatepost("domain", "keys", domain, "--json", "--config", config);
  return new Map(Keys.parse(JSON.parse(listed)).map(({ name, txt }) => [name, txt]));
}

function gatewayTo(sinkPort: number): string {
  const [, domain = ""] = FAR_MAILBOX.split("@");
  return `relay.domains=[{ domain = "${domain}", host = "smtp://127.0.0.1:${sinkPort}" }]`;
}

function serve(
  { config }: GatepostSite,
  settings: readonly string[],
  program = GATEPOST,
): Promise<Server> {
  const set = settings.flatMap((setting) => ["--set", setting]);
  return startServer(["serve", "--config", config, ...set], { program });
}

const Mailboxes = z.array(z.object({ mailbox: z.string(), messages: z.number() }));

async function messagesIn(config: string, mailbox: string): Promise<number | undefined> {
  const listed = await gatepost("mailbox", "list", "--json", "--config", config);
  return Mailboxes.parse(JSON.parse(listed)).find((row) => row.mailbox === mailbox)?.messages;
}

async function gatepost(...args: string[]): Promise<string> {
  const { code, stdout, said } = await run(GATEPOST, args);
  assert.equal(code, 0, said);
  return stdout.toString();
}

/** Messages that the POP3 server itself counts in a mailbox. */
export async function countedByPop3(port: number, mailbox: string): Promise<number> {
  const said = await converse(port, [`USER ${mailbox}`, `PASS ${PASSWORD}`, "STAT", "QUIT"]);
  return Number(/^\+OK (\d+) \d+\r$/m.exec(said.toString("latin1"))?.[1]);
}
