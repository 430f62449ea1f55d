/** One server under one load: rate, processor time of its whole tree with the after-work, memory right after. */
import assert from "node:assert/strict";
import { z } from "zod";
import type { PrivateNetwork } from "../../test/interop/support/private-network.ts";
import { runClient } from "../load/client.ts";
import { whileHolding } from "../load/hold.ts";
import { attempt, type Attempts } from "../load/refusals.ts";
import { sendMail, type MailLoad } from "../load/smtp-source.ts";
import {
  FAR_MAILBOX,
  SINK_MAILBOX,
  VICTIM,
  type Peer,
  type Pop3Peer,
  type RelayPeer,
  type SmtpPeer,
} from "../servers/peer.ts";
import type { Round } from "./figures.ts";
import { proportionalOctets } from "./process-tree.ts";
import { atRest } from "./settle.ts";

export interface Sent {
  /** Until the last answer. */
  readonly seconds: number;
  readonly latencyMs?: number;
}

/** Sends a load to a port of loopback. */
export type Send<Load extends MailLoad> = (port: number, to: string, load: Load) => Promise<Sent>;

export async function inbound(peer: SmtpPeer, load: MailLoad, to = SINK_MAILBOX): Promise<Round> {
  return carried(peer, load, to, sendBySource);
}

async function sendBySource(port: number, to: string, load: MailLoad): Promise<Sent> {
  return { seconds: await sendMail(port, to, load) };
}

/** The same, with a client of one's choice. */
export async function carried<Load extends MailLoad>(
  peer: SmtpPeer,
  load: Load,
  to: string,
  send: Send<Load>,
): Promise<Round> {
  return measured(peer, load.messages, async () => {
    const began = performance.now();
    const { seconds, ...latency } = await send(peer.smtp, to, load);
    const answered = { answered: load.messages / seconds, ...latency };
    if (peer.delivered === undefined) return answered;
    await peer.delivered();
    return { ...answered, delivered: load.messages / ((performance.now() - began) / 1000) };
  });
}

/** Delivered is what the sink has. */
export async function through(relay: RelayPeer, load: MailLoad): Promise<Round> {
  return carriedThrough(relay, load, sendBySource);
}

/** The same, with a client of one's choice. */
export async function carriedThrough<Load extends MailLoad>(
  relay: RelayPeer,
  load: Load,
  send: Send<Load>,
): Promise<Round> {
  const due = relay.sink.messages() + load.messages;
  const delivered = (): Promise<void> => relay.sink.reaches(due);
  return carried({ ...relay, delivered }, load, FAR_MAILBOX, send);
}

/** Attempts to relay. */
export function refusals(peer: SmtpPeer, attempts: number, atOnce: number): Promise<Round> {
  return refused(peer, { to: VICTIM, attempts, atOnce });
}

/** Attempts of one's choice; in a network of its own where one is given. */
export function refused(
  peer: SmtpPeer,
  attempts: Attempts,
  network?: PrivateNetwork,
): Promise<Round> {
  return measured(peer, attempts.attempts, async () => {
    const { seconds, latencyMs, ...done } = await attempt(peer.smtp, attempts, network);
    assert.equal(done.refused, attempts.attempts);
    return { answered: done.refused / seconds, latencyMs };
  });
}

export interface ReadLoad {
  readonly messages: number;
  readonly passes: number;
  readonly inFlight: number;
}

const Retrievals = z.object({ retrievals: z.number(), octets: z.number(), seconds: z.number() });

/** A mailbox of so many messages, at least four kibibytes each, read that many times in one session. */
export async function retrievals(peer: Pop3Peer, load: ReadLoad): Promise<Round> {
  const { messages, passes, inFlight } = load;
  const count = messages * passes;
  return measured(peer, count, async () => {
    const printed = await runClient("pop3-retrievals.ts", peer.pop3, messages, passes, inFlight);
    const { octets, seconds } = Retrievals.parse(printed);
    assert.ok(octets >= count * 4096, `${octets} octets are too few for ${count} messages`);
    return { answered: count / seconds };
  });
}

/** Octets of memory, PSS of the tree, for each idle connection. */
export async function octetsPerConnection(peer: SmtpPeer, connections: number): Promise<number> {
  await atRest(peer.pid);
  const before = proportionalOctets(peer.pid);
  return whileHolding(peer.smtp, connections, async () => {
    await atRest(peer.pid);
    return (proportionalOctets(peer.pid) - before) / connections;
  });
}

async function measured(
  { pid, helpers = [] }: Peer,
  count: number,
  work: () => Promise<Omit<Round, "cpu" | "memory">>,
): Promise<Round> {
  const before = await atRest(pid, ...helpers);
  const rates = await work();
  const memory = proportionalOctets(pid, ...helpers);
  const after = await atRest(pid, ...helpers);
  return { ...rates, memory, cpu: ((after - before) / count) * 1000 };
}
