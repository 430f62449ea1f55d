/**
 * The loop for receiving. Each attempt to deliver carries a token of its own; one that was answered 250 is in its
 * mailbox exactly once, one that was not once or not at all.
 */
import { newSite } from "../../e2e/site.ts";
import { killAgainAndAgain, useAnyPorts, type CrashReport } from "./loop.ts";
import { deliverToken, tokensInMailbox, Victim } from "./victim.ts";

/** Clients that deliver at the same time. */
const CLIENTS = 8;

/** Sizes in turn: in one piece, in the header's slice, in parts. */
const SIZES = [500, 4096, 70_000, 600_000];

const ROUND_MS = 250;

export async function crashReceiving(rounds: number, random: () => number): Promise<CrashReport> {
  const site = await newSite();
  useAnyPorts(site.file);
  const answered = new Set<string>();
  const unanswered = new Set<string>();
  const deliverMany = async (victim: Victim, name: string, client: number): Promise<void> => {
    for (let i = 0; !victim.gone; i++) {
      const token = `${name}n${i}`;
      const size = SIZES[(client + i) % SIZES.length] ?? 500;
      const kept = await deliverToken(victim.ports.smtp, token, size);
      (kept ? answered : unanswered).add(token);
    }
  };
  await killAgainAndAgain({
    rounds,
    roundMs: ROUND_MS,
    random,
    start: () => Victim.start(site.file),
    stillborn: (ms) => Victim.stillborn(site.file, ms),
    load: (victim, round) =>
      Promise.all(
        Array.from({ length: CLIENTS }, (_, client) =>
          deliverMany(victim, `r${round}c${client}`, client),
        ),
      ),
  });
  const victim = await Victim.start(site.file);
  try {
    const stored = (await tokensInMailbox(victim.ports.pop3)) ?? new Map<string, number>();
    return report(rounds, answered, unanswered, stored);
  } finally {
    await victim.kill();
    site.remove();
  }
}

function report(
  rounds: number,
  answered: ReadonlySet<string>,
  unanswered: ReadonlySet<string>,
  stored: ReadonlyMap<string, number>,
): CrashReport {
  const broken = [];
  for (const token of answered)
    if (stored.get(token) !== 1)
      broken.push(`${token}: answered 250, stored ${stored.get(token) ?? 0} times`);
  for (const [token, times] of stored)
    if (times > 1 || !(answered.has(token) || unanswered.has(token)))
      broken.push(`${token}: stored ${times} times`);
  return {
    rounds,
    answered: answered.size,
    unanswered: unanswered.size,
    unansweredButStored: [...unanswered].filter((token) => stored.has(token)).length,
    broken,
  };
}
