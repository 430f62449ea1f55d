/** Gatepost as an operator runs it: `bin/gatepost`, a site of its own, its own limits raised where one client is all clients. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { converse } from "../../test/interop/support/conversation.ts";
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
  PASSWORD,
  READ_MAILBOX,
  SINK_MAILBOX,
  type CountingSink,
  type Pop3Peer,
  type RelayPeer,
  type SmtpPeer,
} from "./peer.ts";

/** All load comes from one address, and no sender of 52,428,800 octets of body may be too large with its header. */
export const SETTINGS = [
  "log.level=warn",
  "limits.connections_per_address=5000",
  "limits.message_bytes=60000000",
] as const;

export interface GatepostSite {
  readonly directory: string;
  readonly config: string;
  readonly smtp: number;
  readonly pop3: number;
}

/** A fresh site with the bench's two mailboxes. */
export async function makeGatepostSite(): Promise<GatepostSite> {
  const directory = temporaryDirectory();
  const base = await freePortBase();
  const config = join(directory, "gatepost.toml");
  const name = ["--hostname", "mx.local.example", "--domain", "local.example"];
  const mailbox = ["--mailbox", SINK_MAILBOX, "--password", PASSWORD];
  const place = ["--listen", "127.0.0.1", "--port-base", String(base), "--dir", directory];
  await gatepost("init", ...name, ...mailbox, ...place);
  await gatepost("mailbox", "add", READ_MAILBOX, "--password", PASSWORD, "--config", config);
  const { smtp, pop3 } = portsOf(base);
  return { directory, config, smtp, pop3 };
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

/** As the gateway of a domain whose mailboxes are at the sink: smtp-source cannot log in. */
export async function startRelayingGatepost(sink: CountingSink): Promise<RelayPeer> {
  const site = await makeGatepostSite();
  const server = await serve(site, [...SETTINGS, gatewayTo(sink.smtp)]);
  return {
    name: "Gatepost",
    pid: server.pid,
    smtp: site.smtp,
    sink,
    stored: () => Promise.resolve(sink.messages()),
    stop: server.stop,
  };
}

function gatewayTo(sinkPort: number): string {
  const [, domain = ""] = FAR_MAILBOX.split("@");
  return `relay.domains=[{ domain = "${domain}", host = "smtp://127.0.0.1:${sinkPort}" }]`;
}

function serve({ config }: GatepostSite, settings: readonly string[]): Promise<Server> {
  const set = settings.flatMap((setting) => ["--set", setting]);
  return startServer(["serve", "--config", config, ...set]);
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
