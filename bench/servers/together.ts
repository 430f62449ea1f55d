/** Servers that are started together: all or none of them, each on a port of its own. */
import { freePortBase, portsOf } from "../../test/interop/support/site.ts";
import type { Peer } from "./peer.ts";

/** One below the range from which the system takes ports for clients. */
export async function freePort(): Promise<number> {
  return portsOf(await freePortBase()).smtp;
}

export async function stopAll(peers: readonly Pick<Peer, "stop">[]): Promise<void> {
  for (const peer of peers) await peer.stop();
}

export async function stopAndThrow(peers: readonly Peer[], error: unknown): Promise<never> {
  await stopAll(peers);
  throw error;
}
