/** Gatepost beside Postfix and Haraka as a relay: client → server → sink, every load through every server, in turns, in one run. */
import { lineOf, type Line } from "./measure/line.ts";
import { through } from "./measure/loads.ts";
import { RELAYED, scaled, WARMING, type Plan } from "./plan.ts";
import { startCountingSink } from "./servers/counting-sink.ts";
import { startRelayingGatepost } from "./servers/gatepost.ts";
import { startHaraka } from "./servers/haraka.ts";
import type { CountingSink, Peer, RelayPeer } from "./servers/peer.ts";
import { startRelayingPostfix } from "./servers/postfix.ts";
import { freePort, stopAll, stopAndThrow } from "./servers/together.ts";

export async function compareRelays(plan: Plan): Promise<readonly Line[]> {
  const { relays, started } = await startRelays();
  try {
    return await compareRelayed(plan, relays);
  } finally {
    await stopAll(started);
  }
}

interface Started {
  readonly relays: readonly RelayPeer[];
  /** Sinks included, in the order in which they are stopped. */
  readonly started: readonly Peer[];
}

const STARTS: readonly ((sink: CountingSink) => Promise<RelayPeer>)[] = [
  startRelayingGatepost,
  async (sink) => startRelayingPostfix(await freePort(), sink),
  async (sink) => startHaraka(await freePort(), sink),
  (sink) => Promise.resolve(bare(sink)),
];

/** All or none of them, each with a sink of its own. */
async function startRelays(): Promise<Started> {
  const relays: RelayPeer[] = [];
  const sinks: CountingSink[] = [];
  try {
    for (const start of STARTS) {
      const sink = await startCountingSink(await freePort());
      sinks.push(sink);
      relays.push(await start(sink));
    }
    return { relays, started: [...relays, ...sinks] };
  } catch (error) {
    return stopAndThrow([...relays, ...sinks], error);
  }
}

/** No relay between client and sink: what the two can do without one. */
function bare(sink: CountingSink): RelayPeer {
  const { name, pid, smtp } = sink;
  const stored = (): Promise<number> => Promise.resolve(sink.messages());
  return { name, pid, smtp, sink, stored, stop: () => Promise.resolve() };
}

async function compareRelayed(plan: Plan, relays: readonly RelayPeer[]): Promise<Line[]> {
  const warming = scaled(WARMING, Math.min(1, plan.scale));
  plan.say(`warming with ${warming.messages} messages each`);
  for (const relay of relays) await through(relay, warming);
  const lines: Line[] = [];
  for (const contest of RELAYED) {
    plan.say(contest.title);
    lines.push(await lineOf(plan, contest, relays, through));
  }
  return lines;
}
