/** Several servers under the same load, in turns: an unreported round each, then rounds in an order that rotates. */
import { figuresOf, type Figures, type Round } from "./figures.ts";

export interface Contest<P> {
  readonly peers: readonly P[];
  readonly rounds: number;
  /** An unreported one before the first: processes and code that this load needs are there afterwards. */
  readonly warm: (peer: P) => Promise<unknown>;
  readonly measure: (peer: P) => Promise<Round>;
}

/** The figures of each server, in the order of the servers. */
export async function inTurns<P>({
  peers,
  rounds,
  warm,
  measure,
}: Contest<P>): Promise<Map<P, Figures>> {
  const taken = new Map<P, Round[]>(peers.map((peer) => [peer, []]));
  for (const peer of peers) await warm(peer);
  for (let round = 0; round < rounds; round++)
    for (let turn = 0; turn < peers.length; turn++) {
      const peer = peers[(round + turn) % peers.length];
      if (peer !== undefined) taken.get(peer)?.push(await measure(peer));
    }
  return new Map([...taken].map(([peer, own]) => [peer, figuresOf(own)]));
}
