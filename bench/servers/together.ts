/** Servers that are started together: all or none of them, each on a port of its own. */
import { freePortBase, portsOf } from "../../test/interop/support/site.ts";
import type { Peer } from "./peer.ts";

/** One below the range from which the system takes ports for clients. */
export async function freePort(): Promise<number> {
  return portsOf(await freePortBase()).smtp;
}

/** Takes a server that has been started into the keeping of `whileRunning`. */
export type Begun = <P extends Pick<Peer, "stop">>(peer: P) => P;

/** What work has started runs until it is done, or fails, also where not everything could be started; the last one is stopped first. */
export async function whileRunning<Result>(
  work: (begun: Begun) => Promise<Result>,
): Promise<Result> {
  const started: Pick<Peer, "stop">[] = [];
  try {
    return await work((peer) => {
      started.push(peer);
      return peer;
    });
  } finally {
    await stopAll(started.toReversed());
  }
}

export async function stopAll(peers: readonly Pick<Peer, "stop">[]): Promise<void> {
  for (const peer of peers) await peer.stop();
}

export async function stopAndThrow(peers: readonly Peer[], error: unknown): Promise<never> {
  await stopAll(peers);
  throw error;
}
