/** A rate counts only for mail that is there: what each server has stored, or what its sink has taken. */
import assert from "node:assert/strict";
import type { SmtpPeer } from "../servers/peer.ts";

export function countStored(peers: readonly SmtpPeer[]): Promise<(number | undefined)[]> {
  return Promise.all(peers.map((peer) => peer.stored()));
}

/** Throws where one has not exactly so many more than before. */
export async function assertStored(
  peers: readonly SmtpPeer[],
  before: readonly (number | undefined)[],
  messages: number,
): Promise<void> {
  const after = await countStored(peers);
  const expected = before.map((count) => (count === undefined ? undefined : count + messages));
  assert.deepEqual(after, expected, `messages of ${peers.map(({ name }) => name).join(", ")}`);
}
