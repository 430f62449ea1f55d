/** What TLS costs, coming in and going out, with sessions and connections used again or not: Gatepost beside Postfix, in turns. */
import { sendOverTls, type TlsLoad } from "./load/tls-mail.ts";
import type { Round } from "./measure/figures.ts";
import { lineOf, type Line } from "./measure/line.ts";
import { carried, through } from "./measure/loads.ts";
import { scaled, OVER_TLS, TLS_IN, TLS_OUT, WARMING, type Outgoing, type Plan } from "./plan.ts";
import { temporaryDirectory } from "../test/interop/support/site.ts";
import { makeCertificate, type Certificate } from "./servers/certificate.ts";
import { startGatepost, startRelayingGatepost } from "./servers/gatepost.ts";
import { SINK_MAILBOX, type Peer, type RelayPeer, type SmtpPeer } from "./servers/peer.ts";
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
    for (const peer of peers) await takenIn(peer, warming);
    const lines: Line[] = [];
    for (const contest of TLS_IN) {
      plan.say(`in: ${contest.title}`);
      lines.push(await lineOf(plan, contest, peers, takenIn));
    }
    return lines;
  } finally {
    await stopAll(started);
  }
}

function takenIn(peer: SmtpPeer, load: TlsLoad): Promise<Round> {
  return carried(peer, load, SINK_MAILBOX, sendOverTls);
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
    const line = await lineOf(plan, contest, relays, through);
    const seen = new Map(relays.map(({ name }, i) => [name, countersOf(sinks[i])]));
    return { ...line, seen };
  } finally {
    await stopAll([...relays, ...sinks]);
  }
}

function countersOf(sink: TlsSink | undefined): SinkCounters {
  return sink?.counters() ?? { messages: 0, connections: 0, handshakes: 0, resumed: 0 };
}
