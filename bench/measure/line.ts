/** One load on several servers, in turns; it counts only if every message is where it should be afterwards. */
import type { MailLoad } from "../load/smtp-source.ts";
import { messagesOf, scaled, WARM_SHARE, type Contest, type Plan } from "../plan.ts";
import type { Peer, SmtpPeer } from "../servers/peer.ts";
import type { Figures, Round } from "./figures.ts";
import { inTurns } from "./rounds.ts";
import { assertStored, countStored } from "./stored.ts";

/** A load and what each server, by its name, did under it. */
export interface Line {
  readonly title: string;
  readonly aim: string;
  readonly figures: ReadonlyMap<string, Figures>;
}

/** `check` looks at a server after each of its rounds, and throws where the round does not count. */
export async function lineOf<P extends SmtpPeer, Load extends MailLoad>(
  plan: Plan,
  { title, aim, load: full }: Contest<Load>,
  peers: readonly P[],
  carry: (peer: P, load: Load) => Promise<Round>,
  check?: (peer: P) => Promise<void>,
): Promise<Line> {
  const load = scaled(full, plan.scale);
  const before = await countStored(peers);
  const figures = await inTurns({
    peers,
    rounds: plan.rounds,
    warm: (peer) => carry(peer, scaled(load, WARM_SHARE)),
    measure: async (peer) => {
      const round = await carry(peer, load);
      await check?.(peer);
      return round;
    },
  });
  await assertStored(peers, before, messagesOf(load, plan.rounds));
  return { title, aim, figures: byName(figures) };
}

export function byName(figures: ReadonlyMap<Peer, Figures>): ReadonlyMap<string, Figures> {
  return new Map([...figures].map(([{ name }, own]) => [name, own]));
}
