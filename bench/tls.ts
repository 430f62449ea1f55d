/** What TLS costs, coming in and going out, with sessions and connections used again or not: Gatepost beside Postfix, in turns. */
import { byName, type Line } from "./compare.ts";
import { sendOverTls } from "./load/tls-mail.ts";
import { carried, through } from "./measure/loads.ts";
import { inTurns } from "./measure/rounds.ts";
import { assertStored, countStored } from "./measure/stored.ts";
import {
  messagesOf,
  scaled,
  OVER_TLS,
  TLS_IN,
  TLS_OUT,
  WARMING,
  WARM_SHARE,
  type Outgoing,
  type Plan,
} from "./plan.ts";
import { temporaryDirectory } from "../test/interop/support/site.ts";
import { makeCertificate, type Certificate } from "./servers/certificate.ts";
import { startGatepost, startRelayingGatepost } from "./servers/gatepost.ts";
import { SINK_MAILBOX, type Peer, type RelayPeer } from "./servers/peer.ts";
import { startPostfix, startRelayingPostfix } from "./servers/postfix.ts";
import { startTlsSink, type SinkCounters, type TlsSink } from "./servers/tls-sink.ts";
import { freePort, stopAll, stopAndThrow } from "./servers/together.ts";

/** And what the sinks saw of each relay, by its name, all rounds together. */
export interface OutgoingLine extends Line {
  readonly seen: ReadonlyMap<string, SinkCounters>;
}

export interface TlsComparison {
  readonly incoming: readonly Line[];
  readonly outgoing: readonly OutgoingLine[];
}

export async function compareTls(plan: Plan): Promise<TlsComparison> {
  const certificate = await makeCertificate(temporaryDirectory());
  const incoming = await compareIncoming(plan, certificate);
  const outgoing: OutgoingLine[] = [];
  for (const contest of TLS_OUT) outgoing.push(await compareOutgoing(plan, contest, certificate));
  return { incoming, outgoing };
}

// ---- Coming in ----

async function compareIncoming(plan: Plan, certificate: Certificate): Promise<Line[]> {
  const gatepost = await startGatepost();
  const started: Peer[] = [gatepost];
  try {
    const postfix = await startPostfix(await freePort(), certificate);
    started.push(postfix);
    const peers = [gatepost, postfix];
    const warming = { ...scaled(WARMING, Math.min(1, plan.scale)), ...OVER_TLS };
    for (const peer of peers) await carried(peer, warming, SINK_MAILBOX, sendOverTls);
    const lines: Line[] = [];
    for (const { title, aim, load: full } of TLS_IN) {
      plan.say(`in: ${title}`);
      const load = scaled(full, plan.scale);
      const before = await countStored(peers);
      const figures = await inTurns({
        peers,
        rounds: plan.rounds,
        warm: (peer) => carried(peer, scaled(load, WARM_SHARE), SINK_MAILBOX, sendOverTls),
        measure: (peer) => carried(peer, load, SINK_MAILBOX, sendOverTls),
      });
      await assertStored(peers, before, messagesOf(load, plan.rounds));
      lines.push({ title, aim, figures: byName(figures) });
    }
    return lines;
  } finally {
    await stopAll(started);
  }
}

// ---- Going out ----

/** Fresh relays for each line: what they use again is in their configuration. */
async function compareOutgoing(
  plan: Plan,
  contest: Outgoing,
  certificate: Certificate,
): Promise<OutgoingLine> {
  plan.say(`out: ${contest.title}`);
  const relays: RelayPeer[] = [];
  const sinks: TlsSink[] = [];
  const startSink = async (): Promise<TlsSink> => {
    const sink = await startTlsSink({
      port: await freePort(),
      ...(contest.offers !== "nothing" && { certificate }),
      resumable: contest.offers === "sessions",
    });
    sinks.push(sink);
    return sink;
  };
  try {
    relays.push(await startRelayingGatepost(await startSink(), contest.gatepost));
    relays.push(await startRelayingPostfix(await freePort(), await startSink(), contest.postfix));
  } catch (error) {
    return stopAndThrow([...relays, ...sinks], error);
  }
  try {
    for (const relay of relays) await through(relay, scaled(WARMING, Math.min(1, plan.scale)));
    const load = scaled(contest.load, plan.scale);
    const before = await countStored(relays);
    const figures = await inTurns({
      peers: relays,
      rounds: plan.rounds,
      warm: (relay) => through(relay, scaled(load, WARM_SHARE)),
      measure: (relay) => through(relay, load),
    });
    await assertStored(relays, before, messagesOf(load, plan.rounds));
    const seen = new Map(relays.map(({ name }, i) => [name, countersOf(sinks[i])]));
    return { title: contest.title, aim: contest.aim, figures: byName(figures), seen };
  } finally {
    await stopAll([...relays, ...sinks]);
  }
}

function countersOf(sink: TlsSink | undefined): SinkCounters {
  return sink?.counters() ?? { messages: 0, connections: 0, handshakes: 0, resumed: 0 };
}
