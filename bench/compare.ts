/** Gatepost beside Postfix, Dovecot and smtp-server: every load on every server, in turns, in one run. */
import assert from "node:assert/strict";
import { sendMail, type MailLoad } from "./load/smtp-source.ts";
import { median } from "./measure/figures.ts";
import { byName, lineOf, type Line } from "./measure/line.ts";
import { inbound, octetsPerConnection, refusals, retrievals } from "./measure/loads.ts";
import { inTurns } from "./measure/rounds.ts";
import { IDLE, MAIL, READING, READ_MESSAGES, REFUSALS, scaled, WARMING } from "./plan.ts";
import type { Plan } from "./plan.ts";
import { startDovecot } from "./servers/dovecot.ts";
import { countedByPop3, startGatepost, type Gatepost } from "./servers/gatepost.ts";
import { READ_MAILBOX, SINK_MAILBOX, type Peer, type SmtpPeer } from "./servers/peer.ts";
import { startPostfix, type Postfix } from "./servers/postfix.ts";
import { startSink } from "./servers/sink.ts";
import { startSmtpServer } from "./servers/smtp-server.ts";
import { freePort, stopAll, stopAndThrow } from "./servers/together.ts";

export interface Comparison {
  readonly mail: readonly Line[];
  readonly reading: readonly Line[];
  /** Octets of PSS for each idle connection, by the server's name. */
  readonly idle: ReadonlyMap<string, number>;
}

export async function compare(plan: Plan): Promise<Comparison> {
  const sink = await startSink(await freePort());
  const servers = await startMailServers().catch((error: unknown) => stopAndThrow([sink], error));
  const { gatepost, postfix, smtpServer } = servers;
  try {
    const mail = await compareMail(plan, [gatepost, postfix, smtpServer, sink]);
    const refused = await compareRefusals(plan, [gatepost, postfix, smtpServer]);
    const reading = await compareReading(plan, gatepost, postfix);
    return { mail: [...mail, refused], reading, idle: await compareIdle(plan) };
  } finally {
    await stopAll([gatepost, postfix, smtpServer, sink]);
  }
}

// ---- The servers ----

interface MailServers {
  readonly gatepost: Gatepost;
  readonly postfix: Postfix;
  readonly smtpServer: SmtpPeer;
}

/** All or none of them. */
async function startMailServers(): Promise<MailServers> {
  const gatepost = await startGatepost();
  const started: Peer[] = [gatepost];
  try {
    const postfix = await startPostfix(await freePort());
    started.push(postfix);
    return { gatepost, postfix, smtpServer: await startSmtpServer(await freePort()) };
  } catch (error) {
    return stopAndThrow(started, error);
  }
}

// ---- Mail coming in ----

async function compareMail(plan: Plan, servers: readonly SmtpPeer[]): Promise<Line[]> {
  plan.say(`warming with ${WARMING.messages} messages each`);
  for (const peer of servers) await deliver(peer, SINK_MAILBOX, WARMING);
  const lines: Line[] = [];
  for (const contest of MAIL) {
    plan.say(contest.title);
    const peers = servers.filter(({ name }) => name !== contest.without);
    lines.push(await lineOf(plan, contest, peers, inbound));
  }
  return lines;
}

async function deliver(peer: SmtpPeer, to: string, load: MailLoad): Promise<void> {
  await sendMail(peer.smtp, to, load);
  await peer.delivered?.();
}

// ---- Relay attempts ----

async function compareRefusals(plan: Plan, servers: readonly SmtpPeer[]): Promise<Line> {
  const { title, aim, load } = REFUSALS;
  plan.say(title);
  const attempts = Math.max(load.atOnce, Math.round(load.attempts * plan.scale));
  const sink = await startSink(await freePort(), "refusing");
  try {
    const figures = await inTurns({
      peers: [...servers, sink],
      rounds: plan.rounds,
      warm: (peer) => refusals(peer, attempts, load.atOnce),
      measure: (peer) => refusals(peer, attempts, load.atOnce),
    });
    return { title, aim, figures: byName(figures) };
  } finally {
    await sink.stop();
  }
}

// ---- Reading ----

/** Dovecot reads the maildir that Postfix delivers into, so both hold the same mail by the same client. */
async function compareReading(plan: Plan, gatepost: Gatepost, postfix: Postfix): Promise<Line[]> {
  const fill = { messages: READ_MESSAGES, octets: 4096, connections: 20, reuse: false };
  for (const peer of [gatepost, postfix]) await deliver(peer, READ_MAILBOX, fill);
  const dovecot = await startDovecot(await freePort(), postfix.readMaildir);
  try {
    const peers = [gatepost, dovecot];
    for (const { pop3 } of peers)
      assert.equal(await countedByPop3(pop3, READ_MAILBOX), READ_MESSAGES);
    const lines: Line[] = [];
    for (const { title, aim, load } of READING) {
      plan.say(title);
      const figures = await inTurns({
        peers,
        rounds: plan.rounds,
        warm: (peer) => retrievals(peer, load),
        measure: (peer) => retrievals(peer, load),
      });
      lines.push({ title, aim, figures: byName(figures) });
    }
    return lines;
  } finally {
    await dovecot.stop();
  }
}

// ---- Idle connections ----

/** Each round in a fresh server, warmed: what an earlier crowd left in a heap would hide the next one. */
async function compareIdle(plan: Plan): Promise<ReadonlyMap<string, number>> {
  const taken = new Map<string, number[]>();
  const connections = Math.ceil(IDLE.load.connections * plan.scale);
  for (let round = 1; round <= plan.rounds; round++) {
    plan.say(`${IDLE.title}, round ${round}`);
    const { gatepost, postfix, smtpServer } = await startMailServers();
    const servers = [gatepost, postfix, smtpServer];
    try {
      for (const peer of servers) {
        await deliver(peer, SINK_MAILBOX, scaled(WARMING, Math.min(1, plan.scale)));
        const octets = await octetsPerConnection(peer, connections);
        taken.set(peer.name, [...(taken.get(peer.name) ?? []), octets]);
      }
    } finally {
      await stopAll(servers);
    }
  }
  return new Map([...taken].map(([name, values]) => [name, median(values)]));
}
